<?php
/** Print the export of a WordPress made by fill.php: php export.php WORDPRESS_FOLDER > export.xml */

$_SERVER['HTTP_HOST'] = 'www.old-series.example';
require "$argv[1]/wp-load.php";
register_taxonomy( 'area', 'post', array( 'public' => true ) );
register_taxonomy( 'project', 'post', array( 'public' => true, 'hierarchical' => true ) );
register_post_type( 'publication', array( 'public' => true, 'can_export' => true ) );
require_once ABSPATH . 'wp-admin/includes/export.php';
export_wp();
