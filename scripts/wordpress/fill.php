<?php
/**
 * Fill a WordPress with an invented archive of a speaker series, as the old site had it.
 *
 * php fill.php WORDPRESS_FOLDER NUMBER_OF_POSTS. Deterministic. Everything in it is made up.
 */

list( , $folder, $count ) = $argv;
define( 'WP_INSTALLING', ! file_exists( "$folder/.installed" ) );
$_SERVER['HTTP_HOST'] = 'www.old-series.example';
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/image.php';
if ( WP_INSTALLING ) {
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	wp_install( 'Old Speaker Series', 'editor', 'editor@old-series.example', true, '', 'not-secret' );
	touch( "$folder/.installed" );
	echo "installed; run again to fill\n";
	exit;
}
foreach ( get_posts( array( 'post_type' => array( 'post', 'page' ), 'post_status' => 'any', 'numberposts' => -1 ) ) as $sample ) {
	wp_delete_post( $sample->ID, true );
}
mt_srand( 7 );
update_option( 'permalink_structure', '/%year%/%monthnum%/%postname%/' );
update_option( 'uploads_use_yearmonth_folders', 1 );
register_taxonomy( 'area', 'post', array( 'public' => true ) );
register_taxonomy( 'project', 'post', array( 'public' => true, 'hierarchical' => true ) );
register_post_type( 'publication', array( 'public' => true, 'can_export' => true ) );
global $wp_rewrite;
$wp_rewrite->init();
$wp_rewrite->flush_rules( false );

$given    = array( 'Karin', 'Thomas', 'Leila', 'Amara', 'Joost', 'Mei-hua', 'José', 'Anna', 'Samuel', 'Nadia', 'Piotr', 'Grace' );
$family   = array( 'Lund', 'Greer', 'Haddad', 'Nwosu', 'van Leeuwen', 'Núñez-Ibarra', 'Hartog', 'Okoro', 'Steiner', 'Marlowe', 'Petrenko', 'Abe' );
$bodies   = array( 'Harbour Institute (HI)', 'Coast Desk', 'Levant Market Survey', 'Gulf of Guinea Observatory (GGO)', 'National Harbour University', 'Taipei Maritime Society', 'Institute for River States', 'Northern Listening Post' );
$subjects = array( 'Sea Lanes', 'River States', 'Border Markets', 'Cable Repair', 'Grain Prices', 'Island Airfields', 'Forecasting', 'Deterrence', 'Influence', 'Satellite Images', 'Water Rights', 'Rumours' );
$turns    = array( 'Under Strain', 'After the Border', 'and Their Neighbours', 'in Plain Words', 'Between Two Storms', 'Seen from the Quay', 'and the Price of Waiting', 'at the Edge of the Map' );
$series   = array( 'Harbour', 'Future of Quiet Rivers', 'CENTCOM', 'Listening', 'General' );
$areas    = array( 'Levant', 'Gulf of Guinea', 'North Sea', 'Pacific Rim' );

function one_of( $list ) {
	return $list[ mt_rand( 0, count( $list ) - 1 ) ];
}

function pdf( $text ) {
	return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n% $text\ntrailer<</Root 1 0 R>>\n%%EOF\n";
}

function png( $text, $size ) {
	$picture = imagecreatetruecolor( $size, $size );
	imagefill( $picture, 0, 0, imagecolorallocate( $picture, mt_rand( 0, 255 ), mt_rand( 0, 255 ), 120 ) );
	imagestring( $picture, 5, 4, 4, $text, imagecolorallocate( $picture, 255, 255, 255 ) );
	ob_start();
	imagepng( $picture );
	return ob_get_clean();
}

function attach( $name, $bytes, $time, $parent, $title ) {
	$upload = wp_upload_bits( $name, null, $bytes, gmdate( 'Y/m', $time ) );
	if ( $upload['error'] ) {
		die( $upload['error'] . "\n" );
	}
	$id = wp_insert_attachment(
		array(
			'post_title'     => $title,
			'post_mime_type' => $upload['type'],
			'post_parent'    => $parent,
			'post_date'      => gmdate( 'Y-m-d H:i:s', $time ),
		),
		$upload['file'],
		$parent
	);
	if ( str_starts_with( $upload['type'], 'image/' ) ) {
		wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $upload['file'] ) );
	}
	return array( $id, $upload['url'] );
}

function term( $name, $taxonomy, $parent = 0 ) {
	$found = term_exists( $name, $taxonomy );
	$found = $found ? $found : wp_insert_term( $name, $taxonomy, array( 'parent' => $parent ) );
	return (int) $found['term_id'];
}

function comment( $post, $number, $approved, $type = 'comment', $parent = 0 ) {
	return wp_insert_comment(
		array(
			'comment_post_ID'      => $post,
			'comment_author'       => "Reader $number",
			'comment_author_email' => "reader$number@readers.example",
			'comment_author_IP'    => '192.0.2.' . ( $number % 250 ),
			'comment_content'      => "A question about point $number: <a href=\"https://readers.example/\">who</a> waits longest?\n\nA second thought, too.",
			'comment_approved'     => $approved,
			'comment_type'         => $type,
			'comment_parent'       => $parent,
			'comment_date'         => '2021-03-04 05:06:07',
		)
	);
}

$sessions_category = term( 'Speaker Sessions', 'category' );
$below             = term( 'Panels', 'category', $sessions_category );
$news              = term( 'News', 'category' );
foreach ( $series as $name ) {
	term( $name, 'project' );
}

// Pages of people, with portraits, below the page "Speakers"; two plain pages.
$directory = wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Speakers', 'post_content' => 'Who spoke for us.' ) );
wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'About us', 'post_content' => 'About the series.' ) );
wp_insert_post( array( 'post_type' => 'publication', 'post_status' => 'publish', 'post_title' => 'A report', 'post_content' => 'Only a report.' ) );
$people = array();
for ( $i = 0; $i < count( $family ); $i++ ) {
	$body     = $bodies[ $i % count( $bodies ) ];
	$name     = "{$given[ $i ]} {$family[ $i ]}";
	$people[] = array( $given[ $i ], $family[ $i ], $body );
	$page     = wp_insert_post(
		array(
			'post_type'    => 'page',
			'post_status'  => 'publish',
			'post_parent'  => $directory,
			'post_title'   => "Dr. $name",
			'post_content' => "<!-- wp:paragraph --><p>$name works at the $body.</p><!-- /wp:paragraph -->\n<!-- wp:paragraph --><p>The life of $name is invented.</p><!-- /wp:paragraph -->",
		)
	);
	list( $picture ) = attach( sanitize_title( $name ) . '.png', png( $name, 400 ), mktime( 0, 0, 0, 1, 5, 2018 ), $page, "Portrait of $name" );
	set_post_thumbnail( $page, $picture );
}
$shared = pdf( 'The same terms for everybody.' );

for ( $i = 1; $i <= $count; $i++ ) {
	$time     = mktime( 9, 30, 0, 1 + $i % 12, 1 + $i % 27, 2015 + $i % 9 );
	$held     = gmdate( 'j F Y', $time + 3 * 86400 );
	$title    = one_of( $subjects ) . ' ' . one_of( $turns ) . ( $i > 96 ? " ($i)" : '' );
	$a        = $people[ $i % 12 ];
	$b        = $people[ ( $i * 5 + 3 ) % 12 ];
	$in       = one_of( $series );
	$line     = "Dr. {$a[0]} {$a[1]} ({$a[2]})" . ( $a !== $b ? "; {$b[1]}, " . mb_substr( $b[0], 0, 1 ) . ". (Senior Fellow, {$b[2]})" : '' );
	$opening  = "SMA hosted a speaker session with Dr. {$a[0]} {$a[1]} ({$a[2]}) as part of its SMA $in Speaker Series. The talk of number $i asked what a quay knows and never writes down.";
	$advice   = "Dr. {$a[1]} recommended that decision makers 1) listen to port number $i, 2) wait for the <em>second</em> tide, and 3) write less.";
	$status   = $i % 50 === 7 ? 'draft' : ( $i % 50 === 9 ? 'private' : ( $i % 50 === 31 ? 'pending' : ( $i % 97 === 45 ? 'future' : 'publish' ) ) );
	$is_news  = $i % 40 === 11;
	$post     = wp_insert_post(
		array(
			'post_title'    => $title,
			'post_status'   => $status,
			'post_date'     => gmdate( 'Y-m-d H:i:s', 'future' === $status ? strtotime( '2031-05-06 07:08:09' ) : $time ),
			'post_password' => $i % 60 === 13 ? 'secret' : '',
			'post_content'  => '.',
		)
	);
	list( , $biography ) = attach( "Biographies-$i.pdf", pdf( "Biographies $i" ), $time, $post, "Biographies $i" );
	list( , $terms )     = attach( "Terms-$i.pdf", $shared, $time, $post, 'Terms of use' );
	list( $map, $map_url ) = $i % 4 ? array( 0, '' ) : attach( "map-$i.png", png( "Map $i", 900 ), $time, $post, "Map $i" );
	$small    = $map ? preg_replace( '/\.png$/', '-300x300.png', $map_url ) : '';
	$earlier  = $i > 10 ? get_permalink( $earlier_post ) : 'https://elsewhere.example/';
	$readmore = "See also <a href=\"$earlier\">an earlier session</a> and <a href=\"$biography\">the biographies</a>.";
	$form     = $is_news ? 'news' : array( 'classic', 'blocks', 'divi', 'divi modules', 'new form' )[ $i % 5 ];
	switch ( $form ) {
		case 'news':
			$content = 'The office is closed on Friday.';
			break;
		case 'classic':
			$content = "Speakers: $line\n\nDate: $held\n\n<strong>Speaker Session Preview</strong>\n\n$opening\n\n$advice\n\n$readmore\n"
				. ( $map ? "\n[caption id=\"attachment_$map\" align=\"aligncenter\" width=\"300\"]<a href=\"$map_url\"><img class=\"wp-image-$map\" src=\"$small\" alt=\"Map $i\" width=\"300\" height=\"300\" /></a> The harbour of number {$i}[/caption]\n" : '' )
				. "\n<strong>Speaker Session Audio Recording</strong>\n\n[audio mp3=\"https://www.old-series.example/social/wp-content/uploads/audio-$i.mp3\"][/audio]\n\nTo access an audio recording of the session, please email Ms. Nora Desk (desk@old-series.example).\n\n<a href=\"$biography\">Download Biographies</a>\n\n<a href=\"$terms\">Download Terms</a>";
			break;
		case 'blocks':
			$content = "<!-- wp:paragraph -->\n<p><strong>Speakers:</strong> $line</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:paragraph -->\n<p>Date: $held</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:heading {\"level\":3} -->\n<h3>Speaker Session Summary</h3>\n<!-- /wp:heading -->\n\n<!-- wp:paragraph {\"dropCap\":true} -->\n<p class=\"has-drop-cap\">$opening</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:list -->\n<ul><li>First, the quay.</li><li>Then, the tide of number $i.</li></ul>\n<!-- /wp:list -->\n\n<!-- wp:quote -->\n<blockquote class=\"wp-block-quote\"><p>Nobody counts the boats.</p></blockquote>\n<!-- /wp:quote -->\n\n<!-- wp:paragraph -->\n<p>$advice $readmore</p>\n<!-- /wp:paragraph -->\n\n"
				. ( $map ? "<!-- wp:image {\"id\":$map,\"sizeSlug\":\"medium\"} -->\n<figure class=\"wp-block-image\"><img src=\"$small\" alt=\"Map $i\" class=\"wp-image-$map\"/><figcaption>The harbour of number $i</figcaption></figure>\n<!-- /wp:image -->\n\n" : '' )
				. "<!-- wp:shortcode -->\n[contact-form-7 id=\"3\" title=\"Ask\"]\n<!-- /wp:shortcode -->\n\n<!-- wp:heading -->\n<h2>Speaker Session Recording</h2>\n<!-- /wp:heading -->\n\n<!-- wp:paragraph -->\n<p>To access the recording, please email desk@old-series.example.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:file {\"href\":\"$biography\"} -->\n<div class=\"wp-block-file\"><a href=\"$biography\">Download Biographies</a><a href=\"$biography\" class=\"wp-block-file__button\" download>Download</a></div>\n<!-- /wp:file -->";
			break;
		case 'divi':
			$content = "[et_pb_section fb_built=\"1\" _builder_version=\"4.9.4\"][et_pb_row _builder_version=\"4.9.4\" column_structure=\"2_3,1_3\"][et_pb_column type=\"2_3\"][et_pb_post_title author=\"off\" featured_image=\"off\" /][et_pb_text admin_label=\"Head\" _builder_version=\"4.9.4\" text_font=\"||||\"]<p>Speakers: $line</p>\n<p>Date: $held</p>[/et_pb_text][et_pb_text _builder_version=\"4.9.4\"]<p><b>Speaker Session Preview</b></p>\n<p>$opening</p>\n<p>$advice</p>\n<p>$readmore</p>[/et_pb_text][/et_pb_column][et_pb_column type=\"1_3\"][et_pb_text]<p><b>Speaker Session Audio File</b></p><p>To access the audio file, please email desk@old-series.example.</p>[/et_pb_text][et_pb_audio audio=\"https://www.old-series.example/social/wp-content/uploads/audio-$i.mp3\" title=\"Audio\" /][et_pb_button button_text=\"Download Biographies\" button_url=\"$biography\" url_new_window=\"on\" /]"
				. ( $map ? "[et_pb_image src=\"$small\" alt=\"Map $i\" title_text=\"The harbour of number $i\" /]" : '' ) . '[/et_pb_column][/et_pb_row][/et_pb_section]';
			break;
		case 'divi modules':
			$content = "[et_pb_section][et_pb_row][et_pb_column type=\"4_4\"][et_pb_code]&lt;p&gt;Speakers: " . esc_html( $line ) . "&lt;/p&gt;[/et_pb_code][et_pb_text]Date: $held\n\nSpeaker Session Summary\n\n$opening\n\n$advice\n\n{$readmore}[/et_pb_text][et_pb_toggle title=\"Background of number $i\" open=\"off\"]<p>The background is short.</p>[/et_pb_toggle][et_pb_blurb title=\"A blurb\" url=\"$terms\" image=\"$small\"]Its body.[/et_pb_blurb]" . ( $map ? "[gallery ids=\"$map\" columns=\"2\"]" : '' ) . "[embed]https://video.example/watch?v={$i}[/embed][/et_pb_column][/et_pb_row][/et_pb_section]";
			break;
		default:
			$content = "Speaker(s):\n$line\nDate of Event:\n" . gmdate( 'F j, Y', $time + 3 * 86400 ) . "\nAssociated SMA Project\nNo items found.\n$title\n\nSpeaker Session Summary\n\n$opening\n\n$advice\n\n[vc_row][vc_column][vc_column_text]A page once built by another builder.[/vc_column_text][/vc_column][/vc_row]\n\n$readmore [1]";
	}
	wp_update_post( array( 'ID' => $post, 'post_content' => wp_slash( $content ) ) );
	if ( $i % 30 === 4 ) {
		add_post_meta( $post, '_wp_old_slug', "an-older-name-$i" );
	}
	wp_set_post_terms( $post, array( $is_news ? $news : ( $i % 6 ? $sessions_category : $below ) ), 'category' );
	wp_set_post_terms( $post, array( strtolower( one_of( $subjects ) ), 'quay & tide' ), 'post_tag' );
	wp_set_post_terms( $post, array( one_of( $areas ) ), 'area' );
	wp_set_post_terms( $post, array( term( $in, 'project' ) ), 'project' );
	if ( $i % 3 === 0 ) {
		$first = comment( $post, $i, 1 );
		comment( $post, $i + 1000, 1, 'comment', $first );
		comment( $post, $i + 2000, 0 );
		comment( $post, $i + 3000, 'spam' );
		comment( $post, $i + 4000, 1, 'pingback' );
	}
	if ( $i <= 11 || $i % 10 === 0 ) {
		$earlier_post = $post;
	}
}
wp_trash_post( $post );
echo "filled\n";
