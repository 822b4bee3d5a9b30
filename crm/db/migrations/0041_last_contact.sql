ALTER TABLE people
	ADD COLUMN last_contact_at DATETIME(3) NULL,
	ADD KEY ix_last_contact (workspace_id, last_contact_at, id)
