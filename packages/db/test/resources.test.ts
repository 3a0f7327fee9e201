import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { newId, type OrganizationId } from '../src/core/index.ts'
import {
  deleteRegistry,
  deleteSandbox,
  deleteSnapshot,
  deleteVolume,
  findRegistry,
  findSandbox,
  findSnapshot,
  findVolume,
  insertRegistry,
  insertSandbox,
  insertSnapshot,
  insertVolume,
  isSandboxPosition,
  listRegistries,
  listSandboxes,
  listSnapshots,
  listVolumes,
  lockRegistry,
  type NewSandbox,
  SANDBOX_SORTS,
  type SandboxFilter,
  SNAPSHOT_SORTS,
  updateRegistry,
  updateSandbox,
} from '../src/resources/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits } = transactionsOn(database)
const owner = await rows.user()
const [home, other] = [await rows.organization(owner), await rows.organization(owner)]
const PAGE = { limit: 100 }

const unique = () => newId('evt')
const registryOf = (name: string) => ({
  id: newId('reg'),
  name,
  url: 'https://registry.example',
  username: 'ada',
  sealedPassword: 'sealed',
  createdBy: owner,
})

/** What all records have in common: a name in its organization, and operations that no other organization has. */
const RECORDS = {
  sandbox: {
    insert: (organization: OrganizationId, name: string) =>
      change((tx) => insertSandbox(tx, organization, { id: newId('sbx'), name, createdBy: owner })),
    find: (organization: OrganizationId, id: string) => findSandbox(database, organization, id),
    remove: (organization: OrganizationId, id: string) => change((tx) => deleteSandbox(tx, organization, id)),
    list: async (organization: OrganizationId) =>
      (await listSandboxes(database, organization, {}, { sort: 'createdAt', order: 'desc', limit: 100 })).rows,
  },
  snapshot: {
    insert: (organization: OrganizationId, name: string) =>
      change((tx) => insertSnapshot(tx, organization, { id: newId('snap'), name, settings: {}, createdBy: owner })),
    find: (organization: OrganizationId, id: string) => findSnapshot(database, organization, id),
    remove: (organization: OrganizationId, id: string) => change((tx) => deleteSnapshot(tx, organization, id)),
    list: async (organization: OrganizationId) =>
      (await listSnapshots(database, organization, {}, { sort: 'createdAt', order: 'desc', limit: 100, offset: 0 }))
        .rows,
  },
  volume: {
    insert: (organization: OrganizationId, name: string) =>
      change((tx) => insertVolume(tx, organization, { id: newId('vol'), name, createdBy: owner })),
    find: (organization: OrganizationId, id: string) => findVolume(database, organization, 'id', id),
    remove: (organization: OrganizationId, id: string) => change((tx) => deleteVolume(tx, organization, id)),
    list: async (organization: OrganizationId) =>
      (await listVolumes(database, organization, { includeDeleted: false }, PAGE)).rows,
  },
  registry: {
    insert: (organization: OrganizationId, name: string) =>
      change((tx) => insertRegistry(tx, organization, registryOf(name))),
    find: (organization: OrganizationId, id: string) => findRegistry(database, organization, id),
    remove: (organization: OrganizationId, id: string) => change((tx) => deleteRegistry(tx, organization, id)),
    list: async (organization: OrganizationId) => (await listRegistries(database, organization, PAGE)).rows,
  },
} as const

for (const [what, { insert, find, remove, list }] of Object.entries(RECORDS)) {
  describe(`a ${what}`, () => {
    it('is inserted once for each name of an organization', async () => {
      const name = unique()
      const row = await insert(home, name)
      assert.deepEqual([row?.organizationId, row?.name, row?.createdBy], [home, name, owner])
      assert.equal(await insert(home, name), undefined)
      assert.equal((await insert(other, name))?.organizationId, other)
    })

    it('is found by its id in its organization only', async () => {
      const row = await insert(home, unique())
      assert.ok(row)
      assert.deepEqual(await find(home, row.id), row)
      assert.equal(await find(other, row.id), undefined)
      assert.equal(await find(home, row.id.slice(0, -1)), undefined)
    })

    it('is listed in its organization only, newest first', async () => {
      const organization = await rows.organization(owner)
      const [one, two] = [await insert(organization, unique()), await insert(organization, unique())]
      assert.deepEqual(await list(organization), [two, one])
      assert.deepEqual(await list(await rows.organization(owner)), [])
    })

    it('is deleted once, by its organization only, and frees its name', async () => {
      const name = unique()
      const row = await insert(home, name)
      assert.ok(row)
      assert.equal(await remove(other, row.id), undefined)
      assert.ok(await find(home, row.id))
      assert.equal((await remove(home, row.id))?.id, row.id)
      assert.equal(await remove(home, row.id), undefined)
      assert.equal(await find(home, row.id), undefined)
      assert.equal((await insert(home, name))?.name, name)
    })
  })
}

for (const [what, prefix, { insert, find, remove }] of [
  ['sandbox', 'sbx', RECORDS.sandbox],
  ['snapshot', 'snap', RECORDS.snapshot],
] as const) {
  describe(`the name of a ${what}`, () => {
    it('finds it, unless it has the format of an id', async () => {
      const name = unique()
      const [named, target] = [await insert(home, name), await insert(home, unique())]
      assert.equal((await find(home, name))?.id, named?.id)
      const disguised = await insert(home, target?.id ?? '')
      assert.equal((await find(home, target?.id ?? ''))?.id, target?.id, 'not the one that took its id as a name')
      assert.equal((await remove(home, target?.id ?? ''))?.id, target?.id)
      assert.equal(await find(home, target?.id ?? ''), undefined)
      assert.equal((await find(home, disguised?.id ?? ''))?.id, disguised?.id)
    })

    it('is an id only with its prefix and its alphabet', async () => {
      const id = newId(prefix)
      for (const name of [
        id.toUpperCase(),
        `${id}0`,
        id.slice(0, -1),
        id.replace(prefix, 'key'),
        `${id.slice(0, -1)}z`,
      ]) {
        assert.equal((await insert(home, name))?.id, (await find(home, name))?.id, name)
      }
    })
  })
}

describe('a volume', () => {
  it('that is deleted stays in the list that includes deleted ones', async () => {
    const organization = await rows.organization(owner)
    const row = await RECORDS.volume.insert(organization, 'data')
    const deleted = await RECORDS.volume.remove(organization, row?.id ?? '')
    assert.deepEqual([deleted?.state, deleted?.deletedAt !== null], ['pending_delete', true])
    const again = await RECORDS.volume.insert(organization, 'data')
    const list = async (includeDeleted: boolean) =>
      (await listVolumes(database, organization, { includeDeleted }, PAGE)).rows.map(({ id }) => id)
    assert.deepEqual([await list(true), await list(false)], [[again?.id, row?.id], [again?.id]])
    assert.equal((await findVolume(database, organization, 'name', 'data'))?.id, again?.id)
    assert.deepEqual(
      (await listVolumes(database, other, { includeDeleted: true }, PAGE)).rows.filter(({ name }) => name === 'data'),
      [],
    )
  })

  it('is found by its name as a name, and by its id as an id', async () => {
    const row = await RECORDS.volume.insert(home, unique())
    assert.ok(row)
    assert.equal((await findVolume(database, home, 'name', row.name))?.id, row.id)
    assert.equal(await findVolume(database, home, 'name', row.id), undefined)
    assert.equal(await findVolume(database, home, 'id', row.name), undefined)
  })
})

describe('a registry', () => {
  const insert = async (name = unique()) => {
    const row = await RECORDS.registry.insert(home, name)
    assert.ok(row)
    return row
  }
  const passwordOf = async (id: string) => {
    const [row] = await sql`SELECT sealed_password FROM registries WHERE id = ${id}`
    return row?.['sealed_password']
  }

  it('is never read with its password', async () => {
    const row = await insert()
    const update = { sealedPassword: 'other' }
    const read = [
      row,
      await findRegistry(database, home, row.id),
      (await listRegistries(database, home, PAGE)).rows[0],
      await change((tx) => lockRegistry(tx, home, row.id)),
      await change((tx) => updateRegistry(tx, home, row.id, update)),
      await change((tx) => deleteRegistry(tx, home, row.id)),
    ]
    for (const found of read) {
      assert.ok(found && typeof found === 'object')
      assert.deepEqual(
        Object.keys(found).filter((name) => /password/i.test(name)),
        [],
      )
    }
  })

  it('is changed in the given members, by its organization only', async () => {
    const row = await insert()
    const update = (organization: OrganizationId, members: Parameters<typeof updateRegistry>[3]) =>
      change((tx) => updateRegistry(tx, organization, row.id, members))
    assert.equal(await update(other, { username: 'eve', sealedPassword: 'stolen' }), undefined)
    assert.equal(await passwordOf(row.id), 'sealed')
    const changed = await update(home, { username: 'grace', sealedPassword: 'other' })
    assert.ok(typeof changed === 'object')
    assert.deepEqual({ ...changed, updatedAt: row.updatedAt }, { ...row, username: 'grace' })
    assert.deepEqual([changed.updatedAt > row.updatedAt, await passwordOf(row.id)], [true, 'other'])
    assert.equal(await change((tx) => updateRegistry(tx, home, newId('reg'), {})), undefined)
  })

  it('does not take the name of another one', async () => {
    const [taken, row] = [await insert(), await insert()]
    const outcome = await rolledBack((tx) => updateRegistry(tx, home, row.id, { name: taken.name }))
    assert.equal(outcome, 'taken')
    assert.equal((await findRegistry(database, home, row.id))?.name, row.name)
  })

  it('is locked against concurrent changes, in its organization only', async () => {
    const row = await insert()
    assert.equal(await change((tx) => lockRegistry(tx, other, row.id)), undefined)
    const [, locked] = await waits(
      (tx) => updateRegistry(tx, home, row.id, { username: 'grace' }),
      () => change((tx) => lockRegistry(tx, home, row.id)),
    )
    assert.equal(locked?.username, 'grace')
  })
})

describe('a sandbox', () => {
  it('is changed in the given members, by its id or name, by its organization only', async () => {
    const row = await RECORDS.sandbox.insert(home, unique())
    assert.ok(row)
    assert.deepEqual([row.state, row.labels, row.settings], ['creating', {}, {}])
    const update = (organization: OrganizationId, idOrName: string, members: Parameters<typeof updateSandbox>[3]) =>
      change((tx) => updateSandbox(tx, organization, idOrName, members))
    for (const idOrName of [row.id, row.name])
      assert.equal(await update(other, idOrName, { state: 'stolen' }), undefined)
    const byName = await update(home, row.name, { labels: { a: '1' } })
    const byId = await update(home, row.id, { state: 'error', errorReason: 'no disk', recoverable: true })
    assert.deepEqual([byName?.labels, byName?.state], [{ a: '1' }, 'creating'])
    assert.deepEqual(
      [byId?.labels, byId?.state, byId?.errorReason, byId?.recoverable],
      [{ a: '1' }, 'error', 'no disk', true],
    )
    assert.ok(byId && byId.updatedAt > row.updatedAt)
  })
})

describe('the list of sandboxes', async () => {
  const organization = await rows.organization(owner)
  const instant = (day: number, ms = 0) => new Date(Date.UTC(2026, 0, day) + ms)
  const make = (name: string, day: number, more: Partial<NewSandbox>) =>
    change(async (tx) => {
      const row = await insertSandbox(tx, organization, {
        id: newId('sbx'),
        name,
        createdBy: owner,
        createdAt: instant(day),
        updatedAt: instant(31 - day),
        ...more,
      })
      assert.ok(row)
      return row
    })
  const size = (cpu: number, memory: number, disk: number, gpu: number, more: object) => ({
    cpu,
    memory,
    disk,
    gpu,
    ...more,
  })
  const a = await make('Alpha_1', 1, {
    state: 'started',
    snapshot: 'python',
    labels: { env: 'test', team: 'a' },
    settings: size(1, 4, 30, 0, { target: 'eu', public: true }),
  })
  const b = await make('alpha%2', 2, {
    state: 'stopped',
    snapshot: 'node',
    labels: { env: 'test' },
    settings: size(2, 2, 20, 1, { target: 'us', public: false }),
    recoverable: true,
  })
  const c = await make('beta', 3, {
    state: 'started',
    labels: {},
    settings: size(10, 1, 10, 0, { target: 'us', public: false }),
  })
  await change((tx) => insertSandbox(tx, other, { id: newId('sbx'), name: 'Alpha_1', createdBy: owner }))
  const list = async (filter: SandboxFilter) => {
    const page = await listSandboxes(database, organization, filter, { sort: 'createdAt', order: 'asc', limit: 100 })
    return page.rows.map(({ name }) => name)
  }
  const names = (...some: { readonly name: string }[]) => some.map(({ name }) => name)

  for (const [what, filter, expected] of [
    ['everything', {}, [a, b, c]],
    ['the start of an id in any case', { idPrefix: b.id.toUpperCase() }, [b]],
    ['the start of a name in any case', { namePrefix: 'ALPHA' }, [a, b]],
    ['a percent sign as itself', { namePrefix: 'alpha%' }, [b]],
    ['an underscore as itself', { namePrefix: 'alpha_' }, [a]],
    ['no name within', { namePrefix: 'lpha' }, []],
    ['one label', { labels: { env: 'test' } }, [a, b]],
    ['all of several labels', { labels: { env: 'test', team: 'a' } }, [a]],
    ['no label of another value', { labels: { env: 'tes' } }, []],
    ['states', { states: ['stopped', 'error'] }, [b]],
    ['no state', { states: [] }, []],
    ['snapshots', { snapshots: ['python', 'node'] }, [a, b]],
    ['targets', { targets: ['us'] }, [b, c]],
    ['public ones', { isPublic: true }, [a]],
    ['private ones', { isPublic: false }, [b, c]],
    ['recoverable ones', { isRecoverable: true }, [b]],
    ['unrecoverable ones', { isRecoverable: false }, [a, c]],
    ['creation after an instant, exclusive', { createdAfter: instant(1) }, [b, c]],
    ['creation before an instant, exclusive', { createdBefore: instant(3) }, [a, b]],
    ['change after an instant, exclusive', { updatedAfter: instant(28) }, [a, b]],
    ['change before an instant, exclusive', { updatedBefore: instant(30) }, [b, c]],
    ['at least', { atLeast: { cpu: 2 } }, [b, c]],
    ['at most', { atMost: { cpu: 2 } }, [a, b]],
    ['a span of several numbers', { atLeast: { memory: 2, gpu: 0 }, atMost: { disk: 20, gpu: 1 } }, [b]],
    ['several conditions together', { states: ['started'], targets: ['us'] }, [c]],
  ] as const) {
    it(`filters by ${what}`, async () => {
      assert.deepEqual(await list(filter as SandboxFilter), names(...expected))
    })
  }

  const ORDERS = {
    createdAt: [a, b, c],
    lastActivityAt: [c, b, a],
    name: [b, a, c],
    cpu: [a, b, c],
    memoryGib: [c, b, a],
    diskGib: [c, b, a],
  } as const
  it('has every order', () => assert.deepEqual(SANDBOX_SORTS.toSorted(), Object.keys(ORDERS).toSorted()))
  for (const [sort, expected] of Object.entries(ORDERS)) {
    it(`orders by ${sort}, numbers by their value, in pages`, async () => {
      for (const order of ['asc', 'desc'] as const) {
        const seen: string[] = []
        let after: { readonly value: string; readonly id: string } | undefined
        do {
          const page = await listSandboxes(
            database,
            organization,
            {},
            { sort: sort as keyof typeof ORDERS, order, limit: 1, after },
          )
          seen.push(...page.rows.map(({ id }) => id))
          after = page.next ?? undefined
          if (after) assert.equal(isSandboxPosition(sort as keyof typeof ORDERS, after.value), true, after.value)
        } while (after)
        // The name's order is that of the database's collation.
        const ids = expected.map(({ id }) => id)
        const due = order === 'asc' ? ids : ids.toReversed()
        if (sort === 'name') assert.deepEqual(seen.toSorted(), due.toSorted())
        else assert.deepEqual(seen, due)
      }
    })
  }

  it('accepts only positions that a page can have', () => {
    for (const [sort, good, bad] of [
      ['createdAt', ['0', '1767225600000000'], ['', '-1', '1.5', '1e3', 'now', '1'.repeat(17), '1;']],
      ['name', ['a', '%', '\u{1f511}'], ['', 'a\0b']],
      [
        'cpu',
        ['1', '-1', '0.5', '123456789012.123456789012'],
        ['', '1.', '.5', 'NaN', 'Infinity', '1e5', '1'.repeat(13)],
      ],
    ] as const) {
      for (const value of good) assert.equal(isSandboxPosition(sort, value), true, `${sort} ${value}`)
      for (const value of bad) assert.equal(isSandboxPosition(sort, value), false, `${sort} ${value}`)
    }
  })

  it('is in pages across equal values, to the microsecond', async () => {
    const place = await rows.organization(owner)
    const at = '2026-01-01T00:00:00.000001Z'
    for (let count = 0; count < 5; count += 1) {
      const id = newId('sbx')
      await sql`INSERT INTO sandboxes (id, organization_id, name, created_at) VALUES (${id}, ${place}, ${id}, ${count === 4 ? '2026-01-01T00:00:00.000002Z' : at})`
    }
    const seen: string[] = []
    let after: { readonly value: string; readonly id: string } | undefined
    do {
      const page = await listSandboxes(database, place, {}, { sort: 'createdAt', order: 'desc', limit: 2, after })
      seen.push(...page.rows.map(({ id }) => id))
      after = page.next ?? undefined
    } while (after)
    assert.deepEqual(seen, seen.toSorted().reverse())
    assert.equal(new Set(seen).size, 5)
  })
})

describe('the list of snapshots', async () => {
  const organization = await rows.organization(owner)
  const make = async (name: string, state: string, lastUsedAt: string | null, source: string | null = null) => {
    const id = newId('snap')
    await sql`INSERT INTO snapshots (id, organization_id, name, state, last_used_at, source_sandbox_id)
      VALUES (${id}, ${organization}, ${name}, ${state}, ${lastUsedAt}, ${source})`
    return id
  }
  const source = newId('sbx')
  const [a, b, c] = [
    await make('python:3.11', 'pending', '2026-01-02Z', source),
    await make('Node_20', 'active', null),
    await make('python:3.12', 'active', '2026-01-01Z'),
  ]
  await RECORDS.snapshot.insert(other, 'python:3.13')
  const list = async (filter = {}, page: Partial<Parameters<typeof listSnapshots>[3]> = {}) => {
    const found = await listSnapshots(database, organization, filter, {
      sort: 'createdAt',
      order: 'asc',
      limit: 100,
      offset: 0,
      ...page,
    })
    return [found.rows.map(({ id }) => id), found.total]
  }

  it('has every order, and unused ones last in either direction', async () => {
    assert.deepEqual(SNAPSHOT_SORTS.toSorted(), ['createdAt', 'lastUsedAt', 'name', 'state'])
    assert.deepEqual(await list(), [[a, b, c], 3])
    assert.deepEqual(await list({}, { order: 'desc' }), [[c, b, a], 3])
    assert.deepEqual(await list({}, { sort: 'state' }), [[b, c, a], 3])
    assert.deepEqual(await list({}, { sort: 'state', order: 'desc' }), [[a, c, b], 3])
    assert.deepEqual(await list({}, { sort: 'lastUsedAt' }), [[c, a, b], 3])
    assert.deepEqual(await list({}, { sort: 'lastUsedAt', order: 'desc' }), [[a, c, b], 3])
  })

  it('filters by a part of the name in any case, and by the source', async () => {
    assert.deepEqual(await list({ name: 'PYTHON' }), [[a, c], 2])
    assert.deepEqual(await list({ name: '_' }), [[b], 1])
    assert.deepEqual(await list({ name: '%' }), [[], 0])
    assert.deepEqual(await list({ sourceSandboxId: source }), [[a], 1])
    assert.deepEqual(await list({ name: 'node', sourceSandboxId: source }), [[], 0])
  })

  it('skips rows, and counts those on all pages', async () => {
    assert.deepEqual(await list({}, { limit: 2 }), [[a, b], 3])
    assert.deepEqual(await list({}, { limit: 2, offset: 2 }), [[c], 3])
    assert.deepEqual(await list({}, { limit: 2, offset: 4 }), [[], 3])
  })
})
