ALTER TABLE people
	ADD COLUMN source VARCHAR(100) NOT NULL DEFAULT '',
	ADD COLUMN address VARCHAR(500) NOT NULL DEFAULT '',
	ADD COLUMN score SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	ADD COLUMN custom JSON NULL,
	ADD KEY ix_score (workspace_id, score, id),
	ADD KEY ix_title (workspace_id, title, id),
	ADD KEY ix_deleted (workspace_id, deleted_at, id)
