ALTER TABLE companies
	ADD COLUMN last_activity_at DATETIME(3) NULL,
	ADD KEY ix_last_activity (workspace_id, last_activity_at, id)
