import manifest from '../package.json' with { type: 'json' }

/** The version of Godwit, as npm knows it. */
export const VERSION: string = manifest.version
