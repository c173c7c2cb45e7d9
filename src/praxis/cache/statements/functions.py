"""
The built-in functions of each vendor that change no table, in lower case.

PostgreSQL: ``pg_proc`` of version 15 (``provolatile``), without the functions behind operators,
and the additions of 16 to 18 from its manual; the extensions ``pg_trgm``, ``pgcrypto`` and
``unaccent`` as far as Django calls them. Functions that run a query given as text
(``query_to_xml``, ``ts_stat``, ``ts_rewrite``) are left out on purpose. SQLite: its manual, and
what Django registers. MySQL and MariaDB: their manuals.
"""

from praxis.cache.statements.words import words

_COMMON = """
abs acos asin atan atan2 avg cast ceil ceiling coalesce cos cot count cume_dist degrees dense_rank
exp extract first_value floor greatest group_concat lag last_value lead least length ln log lower
lpad ltrim max md5 min mod nth_value ntile nullif percent_rank pi position pow power radians rank
repeat replace reverse round row_number rpad rtrim sign sin sqrt stddev_pop stddev_samp substr
substring sum tan trim upper var_pop var_samp
"""

POSTGRESQL_PURE = words(_COMMON) | words(
    """
acosd acosh array array_agg array_append array_cat array_dims array_fill array_length array_lower
array_ndims array_position array_positions array_prepend array_remove array_replace array_reverse
array_sort array_to_json array_to_string array_to_tsvector array_upper any_value area ascii asind
asinh atan2d atand atanh bit_and bit_count bit_length bit_or bit_xor bool_and bool_or bound_box
box broadcast btrim casefold cardinality cbrt center char_length character_length chr circle
concat concat_ws convert convert_from convert_to corr cosd cosh cotd covar_pop covar_samp crc32
crc32c date date_add date_bin date_part date_subtract date_trunc datemultirange daterange decode
digest diagonal diameter div encode enum_first enum_last enum_range erf erfc every factorial
family float4 float8 format gamma gcd generate_series generate_subscripts get_bit get_byte
grouping height host hostmask inet_merge inet_same_family initcap int2 int4 int4multirange
int4range int8 int8multirange int8range is_normalized isclosed isempty isfinite isopen json
json_agg json_agg_strict json_array json_array_elements json_array_elements_text json_array_length
json_arrayagg json_build_array json_build_object json_each json_each_text json_exists
json_extract_path json_extract_path_text json_object json_object_agg json_object_agg_strict
json_object_agg_unique json_object_agg_unique_strict json_object_keys json_objectagg
json_populate_record json_populate_recordset json_query json_scalar json_serialize
json_strip_nulls json_table json_to_record json_to_recordset json_to_tsvector json_typeof
json_value jsonb jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text
jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_object_keys
jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query
jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz
jsonb_path_query_tz jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set
jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof
justify_days justify_hours justify_interval lcm left lgamma line log10 lower_inc lower_inf lseg
macaddr8_set7bit make_date make_interval make_time make_timestamp make_timestamptz masklen
merge_action min_scale mode multirange netmask network normalize npoints num_nonnulls num_nulls
numeric numnode nummultirange numrange octet_length overlaps overlay parse_ident path pclose
percentile_cont percentile_disc pg_size_bytes pg_size_pretty pg_typeof phraseto_tsquery
plainto_tsquery point polygon popen querytree quote_ident quote_literal quote_nullable radius
range_agg range_intersect_agg range_merge regexp_count regexp_instr regexp_like regexp_match
regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr regr_avgx
regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy right row
row_to_json scale set_bit set_byte set_masklen setweight sha224 sha256 sha384 sha512 similarity
sind sinh slope split_part starts_with stddev strict_word_similarity string_agg string_to_array
string_to_table strip strpos tand tanh text time timestamp timestamptz timetz timezone to_ascii
to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_timestamp to_tsquery
to_tsvector translate trim_array trim_scale trunc ts_delete ts_filter ts_headline ts_match_qv
ts_match_vq ts_rank ts_rank_cd tsmultirange tsrange tstzmultirange tstzrange tsvector_to_array
unaccent unicode_assigned unistr unnest upper_inc upper_inf uuid_extract_timestamp
uuid_extract_version variance websearch_to_tsquery width width_bucket word_similarity xml
xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlagg xmlattributes
xmlcomment xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltable
xmltext xpath xpath_exists
"""
) - {"group_concat"}

POSTGRESQL_VOLATILE = words(
    """
age array_sample array_shuffle current_time current_timestamp localtime localtimestamp
clock_timestamp col_description current_database current_query
current_role current_schema current_schemas current_setting current_user currval format_type
gen_random_uuid get_current_ts_config getdatabaseencoding has_any_column_privilege
has_column_privilege has_database_privilege has_function_privilege has_schema_privilege
has_sequence_privilege has_table_privilege has_type_privilege inet_client_addr inet_client_port
inet_server_addr inet_server_port lastval nextval now obj_description pg_backend_pid
pg_blocking_pids pg_char_to_encoding pg_client_encoding pg_collation_for pg_column_compression
pg_column_size pg_conf_load_time pg_current_snapshot pg_current_wal_flush_lsn
pg_current_wal_insert_lsn pg_current_wal_lsn pg_current_xact_id pg_current_xact_id_if_assigned
pg_database_size pg_describe_object pg_encoding_to_char pg_function_is_visible
pg_get_constraintdef pg_get_expr pg_get_function_arguments pg_get_function_identity_arguments
pg_get_function_result pg_get_functiondef pg_get_indexdef pg_get_keywords
pg_get_partition_constraintdef pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence
pg_get_statisticsobjdef pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role
pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_indexes_size
pg_is_in_recovery pg_is_other_temp_schema pg_is_wal_replay_paused pg_last_committed_xact
pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_listening_channels
pg_my_temp_schema pg_notification_queue_usage pg_notify pg_opclass_is_visible
pg_operator_is_visible pg_partition_ancestors pg_partition_root pg_partition_tree
pg_postmaster_start_time pg_relation_filenode pg_relation_filepath pg_relation_size
pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_snapshot_xip pg_snapshot_xmax
pg_snapshot_xmin pg_visible_in_snapshot txid_snapshot_xip txid_snapshot_xmax txid_snapshot_xmin
txid_visible_in_snapshot pg_sleep pg_sleep_for pg_sleep_until
pg_table_is_visible pg_table_size pg_tablespace_location pg_total_relation_size pg_trigger_depth
pg_type_is_visible pg_wal_lsn_diff pg_xact_commit_timestamp pg_xact_status random random_normal
row_security_active session_user setseed setval shobj_description statement_timestamp timeofday
to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure
to_regrole to_regtype transaction_timestamp ts_debug ts_lexize ts_parse ts_token_type txid_current
txid_current_if_assigned txid_current_snapshot txid_status uuid_generate_v1 uuid_generate_v1mc
uuid_generate_v4 uuidv4 uuidv7 version
"""
)

POSTGRESQL_LOCKING = words(
    """
pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
"""
)

SQLITE_PURE = words(_COMMON) | words(
    """
acosh asinh atanh bitxor char concat concat_ws cosh django_date_extract django_date_trunc
django_datetime_cast_date django_datetime_cast_time django_datetime_extract django_datetime_trunc
django_format_dtdelta django_time_diff django_time_extract django_time_trunc django_timestamp_diff
format glob hex ifnull iif instr json json_array json_array_length json_each json_error_position
json_extract json_group_array json_group_object json_insert json_object json_patch json_pretty
json_quote json_remove json_replace json_set json_tree json_type json_valid jsonb jsonb_array
jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch
jsonb_remove jsonb_replace jsonb_set like likelihood likely log10 log2 octet_length printf quote
regexp sha1 sha224 sha256 sha384 sha512 sinh soundex string_agg tanh total trunc typeof unhex
unicode unistr unistr_quote unlikely zeroblob
"""
)

# With 'now', which may be a parameter, the functions of date and time tell the time.
SQLITE_VOLATILE = words(
    """
changes current_date current_time current_timestamp date datetime julianday last_insert_rowid rand
random randomblob sqlite_compileoption_get sqlite_compileoption_used sqlite_source_id
sqlite_version strftime time timediff total_changes unixepoch pragma_foreign_key_list
pragma_index_info pragma_index_list pragma_index_xinfo pragma_table_info pragma_table_list
pragma_table_xinfo
"""
)

MYSQL_PURE = words(_COMMON) | words(
    """
adddate addtime against any_value ascii bin bin_to_uuid bit_and bit_count bit_length bit_or
bit_xor char char_length character_length compress concat concat_ws conv convert convert_tz crc32
date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear elt
export_set field find_in_set format from_base64 from_days from_unixtime get_format grouping hex
hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr interval is_ipv4 is_ipv6
is_uuid isnull json_array json_array_append json_array_insert json_arrayagg json_compact
json_contains json_contains_path json_depth json_detailed json_exists json_extract json_insert
json_keys json_length json_merge_patch json_merge_preserve json_object json_objectagg
json_overlaps json_pretty json_quote json_query json_remove json_replace json_search json_set
json_table json_type json_unquote json_valid json_value last_day lcase left locate log10 log2
make_set makedate maketime match microsecond mid minute month monthname oct octet_length ord
period_add period_diff quarter quote regexp_instr regexp_like regexp_replace regexp_substr right
row sec_to_time second sha sha1 sha2 soundex space std stddev str_to_date strcmp subdate
substring_index subtime time time_format time_to_sec timediff timestamp timestampadd timestampdiff
to_base64 to_days to_seconds truncate ucase uncompress unhex uuid_to_bin values value variance
week weekday weekofyear weight_string year yearweek
"""
)

MYSQL_VOLATILE = words(
    """
benchmark charset coercibility collation connection_id curdate current_date current_role
current_time current_timestamp current_user curtime database found_rows last_insert_id localtime
localtimestamp now rand random_bytes row_count schema session_user sleep sysdate system_user
unix_timestamp user utc_date utc_time utc_timestamp uuid uuid_short version
"""
)

MYSQL_LOCKING = words(
    "get_lock is_free_lock is_used_lock release_all_locks release_lock master_pos_wait"
)
