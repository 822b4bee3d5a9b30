-- Who owns how many, and who works where, is counted from an index alone.
ALTER TABLE people
	ADD KEY ix_owned (workspace_id, owner_id, deleted_at),
	ADD KEY ix_staff (workspace_id, company_id, deleted_at),
	DROP KEY ix_owner,
	DROP KEY ix_company
-- next
ALTER TABLE companies
	ADD KEY ix_owned (workspace_id, owner_id, deleted_at),
	DROP KEY ix_owner
-- next
ALTER TABLE deals
	ADD KEY ix_owned (workspace_id, owner_id, deleted_at),
	ADD KEY ix_customer (workspace_id, company_id, deleted_at),
	DROP KEY ix_company
