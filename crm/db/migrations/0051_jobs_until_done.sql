-- A job stays in the outbox until it is done: Redis may lose in a crash what
-- it took last, and what it lost is then handed to it again.
ALTER TABLE outbox ADD COLUMN handed_at DATETIME(3) NULL, ADD KEY ix_handed (handed_at, id)
