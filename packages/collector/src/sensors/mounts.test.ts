import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fixtureRoot } from './fixture-root.ts'
import { diskMounts } from './mounts.ts'

test('a machine with one disk has one mount', () => {
  const text = readFileSync(`${fixtureRoot('two-core-vm')}/proc/self/mounts`, 'utf8')
  assert.deepEqual(diskMounts(text), [{ source: '/dev/vda', path: '/' }])
})

test('file systems in memory, of a server or unknown are left out', () => {
  const types = ['tmpfs', 'nfs4', 'cifs', 'fuse.sshfs', 'overlay', 'squashfs', 'autofs', 'novelfs']
  assert.deepEqual(diskMounts(types.map((type) => `/dev/x${type} /mnt/${type} ${type} rw 0 0\n`).join('')), [])
})

test('a device mounted several times counts once, under its shortest path', () => {
  const text = '/dev/sda2 /var/lib/x btrfs rw 0 0\n/dev/sda2 /home btrfs rw 0 0\n/dev/sda1 /boot vfat rw 0 0\n'
  assert.deepEqual(
    diskMounts(text).map(({ path }) => path),
    ['/home', '/boot'],
  )
})

test('an overlay counts as the root', () => {
  assert.deepEqual(diskMounts('overlay / overlay rw 0 0\noverlay /var/lib/docker/1 overlay rw 0 0\n'), [
    { source: 'overlay', path: '/' },
  ])
})

test('escaped characters of a path are read', () => {
  assert.equal(diskMounts('/dev/sda1 /a\\040b\\134c ext4 rw 0 0\n')[0]?.path, '/a b\\c')
})

test('garbage has no mounts', () => {
  assert.deepEqual(diskMounts('\n\n x\nx y\n\\777 \\ \\\n'), [])
})

test('a mount that another one hides does not count', () => {
  const text = '/dev/sda1 /data ext4 rw 0 0\nserver:/data /data nfs4 rw 0 0\n'
  assert.deepEqual(diskMounts(text), [])
  assert.deepEqual(diskMounts(`${text}/dev/sdb1 /data xfs rw 0 0\n`), [{ source: '/dev/sdb1', path: '/data' }])
})
