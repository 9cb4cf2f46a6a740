import type { ChartGroup, ChartPlan } from '../charts/chart-plan.ts'

/** Charts under one heading. */
export interface ChartSection {
  readonly id: string
  readonly title: string
  readonly charts: readonly ChartPlan[]
}

/** Groups of the catalogue that are read together stand under one heading. */
const SECTIONS: readonly { id: string; title: string; groups: readonly ChartGroup['group'][] }[] = [
  { id: 'cpu', title: 'Processor', groups: ['cpu', 'load', 'pressure'] },
  { id: 'memory', title: 'Memory', groups: ['memory'] },
  { id: 'disk', title: 'Disk', groups: ['disk'] },
  { id: 'filesystem', title: 'File systems', groups: ['filesystem'] },
  { id: 'network', title: 'Network', groups: ['network'] },
  { id: 'temperature', title: 'Temperature', groups: ['temperature'] },
  { id: 'system', title: 'System', groups: ['system'] },
  { id: 'collector', title: 'Collector', groups: ['collector'] },
  { id: 'other', title: 'Other', groups: ['other'] },
]

/** The sections that have charts, in the order of the page. */
export function sectionsOf(groups: readonly ChartGroup[]): ChartSection[] {
  return SECTIONS.map(({ id, title, groups: members }) => ({
    id,
    title,
    charts: members.flatMap((member) => groups.find(({ group }) => group === member)?.charts ?? []),
  })).filter(({ charts }) => charts.length > 0)
}
