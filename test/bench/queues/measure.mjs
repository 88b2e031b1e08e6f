// Times how fast due jobs are decided beside other queues on one server, and writes raw numbers to the standard output.
//
// A line is: round, candidate, jobs, seconds, jobs per second, bytes of WAL. test/bench/jobs starts it; its modules are found by
// BENCH_MODULES. Each candidate begins with its tables filled anew, vacuumed and checkpointed; filling is not timed.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(`${process.env.BENCH_MODULES}/`)
const load = async (name) => import(pathToFileURL(require.resolve(name)).href)
const pg = require('pg')
const { PgBoss } = await load('pg-boss')
const { runMigrations, runOnce, Logger } = require('graphile-worker')

const jobs = Number(process.env.BENCH_JOBS)
const future = Number(process.env.BENCH_FUTURE_JOBS)
const rounds = Number(process.env.BENCH_ROUNDS)
const only = new RegExp(`^(?:${process.env.BENCH_ONLY})$`)
const batch = 1000
const connection = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE }

const client = new pg.Client(connection)
await client.connect()
const sql = async (text, values) => (await client.query(text, values)).rows
const value = async (text, values) => Object.values((await sql(text, values))[0])[0]
const onDisk = async (tables) => {
	await sql(`VACUUM (ANALYZE) ${tables}`)
	await sql('CHECKPOINT')
}

// ---- ours ------------------------------------------------------------------------------------------------------------

const prepareOurs = async () => {
	await sql('CREATE EXTENSION IF NOT EXISTS vero_events')
	await sql(`INSERT INTO vero.contacts (email) SELECT 'customer' || n || '@example.com' FROM generate_series(1, $1::int / 10) AS n`, [jobs])
	await sql(`INSERT INTO vero.events (contact_id, name, occurred_at, properties)
		SELECT n % ($1::int / 10) + 1, 'Completes checkout', timestamptz '2022-01-01' + n * interval '37 s', jsonb_build_object('item_type', 'shirt ' || n)
		FROM generate_series(1, $1) AS n`, [jobs])
	await sql(`INSERT INTO vero.campaigns (name, event_name, delay, grace, active, condition, subject, body_text, body_html) VALUES
		('noop', 'Completes checkout', '0', '36500 days', false, NULL, 's', 'b', NULL),
		('condition', 'Completes checkout', '0', '36500 days', true, '$.event.item_type == "none"', 's', 'b', NULL),
		('mail', 'Completes checkout', '0', '36500 days', true, NULL, 'Your {{ event.item_type }}',
		 'Dear {{ contact.first_name | default: "customer" }}, on {{ event.occurred_at | date: "%d %B %Y" }} you bought {{ event.item_type }}.',
		 '<p>How do you like your {{ event.item_type }}?</p>')`)
	await onDisk('vero.contacts, vero.events')
}

const fillOurs = async (campaign, later = 0) => {
	await sql('TRUNCATE vero.trigger_jobs, vero.messages')
	await sql(`INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT e.id, c.id, e.contact_id, e.occurred_at, e.occurred_at FROM vero.events AS e, vero.campaigns AS c WHERE c.name = $1`, [campaign])
	await sql(`INSERT INTO vero.trigger_jobs (event_id, campaign_id, contact_id, occurred_at, due_at)
		SELECT 1000000000 + n, c.id, 1, now(), now() + n * interval '1 minute' + interval '1 hour'
		FROM vero.campaigns AS c, generate_series(1, $2::int) AS n WHERE c.name = $1`, [campaign, later])
	await onDisk('vero.trigger_jobs')
}

// The worker, from the moment at which the server may have one.
const decided = async () => Number(await value(`SELECT coalesce(sum(jobs_decided), 0) FROM vero.workers()
	WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())`))
const allowWorkers = async (count) => {
	await sql(`ALTER SYSTEM SET vero_events.max_workers = ${count}`)
	await sql('SELECT pg_reload_conf()')
}
const letWorker = async () => {
	const before = await decided()
	await allowWorkers(1)
	while ((await decided()) - before < jobs) await new Promise((resolve) => setTimeout(resolve, 2))
}
const afterWorker = async () => {
	await allowWorkers(0)
	while (Number(await value(`SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'vero_events worker'`)) > 0)
		await new Promise((resolve) => setTimeout(resolve, 50))
	return checkOurs()
}

// One session, a transaction for each batch, a client's round trip more.
const decide = async () => {
	for (;;) {
		const [counts] = await sql('SELECT queued + discarded + failed AS decided, failed FROM vero.run_jobs($1)', [batch])
		if (Number(counts.failed) > 0) throw new Error('jobs failed')
		if (Number(counts.decided) === 0) return
	}
}
const checkOurs = async () => value('SELECT count(*) FROM vero.trigger_jobs WHERE decided_at IS NOT NULL')
const ours = (campaign, later) => ({ fill: () => fillOurs(campaign, later), run: letWorker, count: afterWorker })
const session = { fill: () => fillOurs('noop'), run: decide, count: checkOurs }

// As a report or a dump does: while it is open, no version of a row that was there when it began can be removed.
const besideOldSnapshot = (candidate) => {
	const other = new pg.Client(connection)
	return {
		...candidate,
		fill: async () => {
			await candidate.fill()
			await other.connect()
			await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
			await other.query('SELECT count(*) FROM pg_catalog.pg_class')
		},
		count: async () => {
			await other.end()
			return candidate.count()
		},
	}
}

// ---- graphile-worker: 24 at a time from a local queue, completed in batches --------------------------------------------

let performed = 0
let first = 0n // when its first job began: starting it is not counted
const graphileOptions = {
	pgPool: new pg.Pool({ ...connection, max: 30 }),
	concurrency: 24,
	taskList: { noop: () => { if (performed++ === 0) first = process.hrtime.bigint() } },
	logger: new Logger(() => () => {}),
	noHandleSignals: true,
	preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
}
graphileOptions.pgPool.on('error', (error) => { throw error })
graphileOptions.pgPool.on('connect', (one) => one.on('error', (error) => { throw error }))
const graphile = {
	fill: async () => {
		await sql('DROP SCHEMA IF EXISTS graphile_worker CASCADE')
		await runMigrations(graphileOptions)
		await sql(`SELECT count(*) FROM graphile_worker.add_jobs((SELECT array_agg(json_populate_record(NULL::graphile_worker.job_spec,
			json_build_object('identifier', 'noop', 'payload', json_build_object('id', n)))) FROM generate_series(1, $1::int) AS n))`, [jobs])
		await onDisk('graphile_worker._private_jobs')
		performed = 0
	},
	run: async () => {
		await runOnce(graphileOptions)
		return first
	},
	count: async () => performed - Number(await value('SELECT count(*) FROM graphile_worker._private_jobs')),
}

// ---- pg-boss: fetched and completed in batches -------------------------------------------------------------------------

const boss = new PgBoss({ ...connection, supervise: false, schedule: false })
boss.on('error', (error) => { throw error })
let fetched = 0
const pgBoss = {
	fill: async () => {
		await boss.start()
		if (!(await boss.getQueue('noop'))) await boss.createQueue('noop')
		await boss.deleteAllJobs('noop')
		for (let from = 0; from < jobs; from += batch)
			await boss.insert('noop', Array.from({ length: batch }, (_, i) => ({ data: { id: from + i } })))
		await sql('VACUUM (ANALYZE)')
		await sql('CHECKPOINT')
		fetched = 0
	},
	run: async () => {
		for (;;) {
			const some = await boss.fetch('noop', { batchSize: batch })
			if (some.length === 0) return
			await boss.complete('noop', some.map((job) => job.id))
			fetched += some.length
		}
	},
	count: async () => fetched,
}

// ---- all of it ---------------------------------------------------------------------------------------------------------

const candidates = Object.entries({
	worker: ours('noop', 0),
	graphile_worker: graphile,
	pg_boss: pgBoss,
	run_jobs: session,
	worker_future: ours('noop', future),
	worker_old_snapshot: null,
	worker_condition: ours('condition', 0),
	worker_mail: ours('mail', 0),
}).filter(([name]) => only.test(name))

await prepareOurs()
const server = await sql(`SELECT name || ' = ' || current_setting(name) AS setting FROM pg_settings WHERE name IN ('shared_buffers', 'max_wal_size',
	'fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum') ORDER BY name`)
console.log(`# server: ${await value('SHOW server_version')}; ${server.map((row) => row.setting).join(', ')}; node ${process.version}`)
console.log(['round', 'candidate', 'jobs', 'seconds', 'jobs_per_second', 'wal_bytes'].join('\t'))
for (let round = 1; round <= rounds; round++) {
	// none is always the first, or behind the same one
	const order = candidates.map((_, i) => candidates[(i + round - 1) % candidates.length])
	for (const [name, known] of order) {
		const candidate = known ?? besideOldSnapshot(ours('noop', 0))
		await candidate.fill()
		const wal = await value('SELECT pg_current_wal_lsn()')
		const start = process.hrtime.bigint()
		const begun = (await candidate.run()) ?? start
		const seconds = Number(process.hrtime.bigint() - begun) / 1e9
		const written = await value('SELECT pg_current_wal_lsn() - $1', [wal])
		const done = Number(await candidate.count())
		if (done !== jobs) throw new Error(`${name}: ${done} of ${jobs} jobs`)
		console.log([round, name, jobs, seconds.toFixed(3), Math.round(jobs / seconds), written].join('\t'))
		console.error(`  round ${round}  ${name.padEnd(24)} ${Math.round(jobs / seconds)} jobs/s`)
	}
}
await boss.stop({ graceful: false }).catch(() => {})
await graphileOptions.pgPool.end()
await client.end()
