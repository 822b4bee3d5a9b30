-- What a workspace adds to its records. Values lie in the record's column
-- custom, as they are shown, and once more here, typed, for filters and
-- sorts; both are written in one transaction. A field of several values has a
-- row for each.
CREATE TABLE IF NOT EXISTS field_defs (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	key_name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	label VARCHAR(60) NOT NULL,
	type VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	options JSON NULL,
	position SMALLINT UNSIGNED NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_key (workspace_id, kind, key_name),
	CONSTRAINT fk_field_defs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS field_values (
	workspace_id INT UNSIGNED NOT NULL,
	record_id BINARY(16) NOT NULL,
	field_id BINARY(16) NOT NULL,
	position TINYINT UNSIGNED NOT NULL,
	str VARCHAR(500) NULL,
	num DECIMAL(20, 4) NULL,
	day DATE NULL,
	ref BINARY(16) NULL,
	PRIMARY KEY (workspace_id, record_id, field_id, position),
	KEY ix_str (workspace_id, field_id, str(191), record_id),
	KEY ix_num (workspace_id, field_id, num, record_id),
	KEY ix_day (workspace_id, field_id, day, record_id),
	KEY ix_ref (workspace_id, field_id, ref, record_id),
	CONSTRAINT fk_field_values_field FOREIGN KEY (workspace_id, field_id) REFERENCES field_defs (workspace_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- A tag is of one kind of record.
CREATE TABLE IF NOT EXISTS tags (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name VARCHAR(40) NOT NULL,
	color VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_name (workspace_id, kind, name),
	CONSTRAINT fk_tags_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS taggings (
	workspace_id INT UNSIGNED NOT NULL,
	tag_id BINARY(16) NOT NULL,
	record_id BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, tag_id, record_id),
	KEY ix_record (workspace_id, record_id, tag_id),
	CONSTRAINT fk_taggings_tag FOREIGN KEY (workspace_id, tag_id) REFERENCES tags (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
