ALTER TABLE companies
	ADD COLUMN source VARCHAR(100) NOT NULL DEFAULT '',
	ADD COLUMN score SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	ADD COLUMN custom JSON NULL,
	ADD KEY ix_score (workspace_id, score, id),
	ADD KEY ix_industry (workspace_id, industry, id),
	ADD KEY ix_deleted (workspace_id, deleted_at, id)
