-- Two records that became one. loser lies in the trash; before is what winner
-- was, and moved what belonged to loser, by table, so that all of it goes back.
CREATE TABLE IF NOT EXISTS merges (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	winner_id BINARY(16) NOT NULL,
	loser_id BINARY(16) NOT NULL,
	winner_version INT UNSIGNED NOT NULL,
	loser_version INT UNSIGNED NOT NULL,
	winner_before JSON NOT NULL,
	moved JSON NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	undone_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_winner (workspace_id, winner_id),
	CONSTRAINT fk_merges_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
