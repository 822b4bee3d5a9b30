-- What members did is counted from the index alone, without the texts.
ALTER TABLE activities
	ADD KEY ix_doings (workspace_id, occurred_at, deleted_at, type, author_id),
	DROP KEY ix_occurred
