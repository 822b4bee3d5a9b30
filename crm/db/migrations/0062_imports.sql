-- An import works through its file in pieces, each in one transaction with
-- the rows' outcomes, so that a task that ends in between loses and doubles
-- nothing. What it changed is kept, to be undone.
CREATE TABLE IF NOT EXISTS imports (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	file_id BINARY(16) NOT NULL,
	file_name VARCHAR(200) NOT NULL,
	size BIGINT UNSIGNED NOT NULL,
	status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	shape TEXT NOT NULL,
	mapping TEXT NOT NULL,
	total INT UNSIGNED NOT NULL DEFAULT 0,
	done INT UNSIGNED NOT NULL DEFAULT 0,
	created_rows INT UNSIGNED NOT NULL DEFAULT 0,
	updated_rows INT UNSIGNED NOT NULL DEFAULT 0,
	skipped_rows INT UNSIGNED NOT NULL DEFAULT 0,
	failed_rows INT UNSIGNED NOT NULL DEFAULT 0,
	report MEDIUMTEXT NULL,
	undone INT UNSIGNED NOT NULL DEFAULT 0,
	kept INT UNSIGNED NOT NULL DEFAULT 0,
	fault VARCHAR(500) NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	started_at DATETIME(3) NULL,
	finished_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	CONSTRAINT fk_imports_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- What became of each row; cells are those of rows that failed.
CREATE TABLE IF NOT EXISTS import_rows (
	workspace_id INT UNSIGNED NOT NULL,
	import_id BINARY(16) NOT NULL,
	number INT UNSIGNED NOT NULL,
	line INT UNSIGNED NOT NULL,
	outcome VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	message VARCHAR(500) NOT NULL DEFAULT '',
	cells MEDIUMTEXT NULL,
	PRIMARY KEY (workspace_id, import_id, number),
	KEY ix_outcome (workspace_id, import_id, outcome, number),
	CONSTRAINT fk_import_rows_import FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- What an import did to records, in order: the members that it changed, as
-- they were and as they became. state is '', undone or kept.
CREATE TABLE IF NOT EXISTS import_changes (
	workspace_id INT UNSIGNED NOT NULL,
	import_id BINARY(16) NOT NULL,
	number INT UNSIGNED NOT NULL,
	nth_row INT UNSIGNED NOT NULL,
	kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	record_id BINARY(16) NOT NULL,
	was MEDIUMTEXT NULL,
	became MEDIUMTEXT NOT NULL,
	state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	reason VARCHAR(300) NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, import_id, number),
	KEY ix_state (workspace_id, import_id, state, number),
	CONSTRAINT fk_import_changes_import FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
