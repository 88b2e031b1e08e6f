# Installed into directories of its own, as make install prefix=DIRECTORY does, which extension_control_path and dynamic_library_path name:
# from PostgreSQL 18 on.
use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
plan skip_all => 'this version of PostgreSQL looks in its own directories only' if $node->pg_version < 18;

my $own = tempdir(CLEANUP => 1);
my ($scripts, $library) = ("$own/share/postgresql/extension", "$own/lib/postgresql");
make_path($scripts, $library);
chomp(my $shared = `pg_config --sharedir`);
chomp(my $libraries = `pg_config --pkglibdir`);
copy($_, $scripts) or die "$_: $!" for glob("$shared/extension/vero_events*");
copy("$libraries/vero_events.so", $library) or die "$libraries: $!";
my $control = slurp_file("$scripts/vero_events.control");
$control =~ s/^comment = .*/comment = 'its own'/m;
unlink "$scripts/vero_events.control";
append_to_file("$scripts/vero_events.control", $control);

$node->init;
$node->append_conf('postgresql.conf', "extension_control_path = '$own/share/postgresql:\$system'\ndynamic_library_path = '$library:\$libdir'\n"
		. "shared_preload_libraries = 'vero_events'\nvero_events.max_workers = 0\n");
$node->start;
is($node->safe_psql('postgres', "SELECT comment FROM pg_available_extensions WHERE name = 'vero_events'"), 'its own', 'the control file is its own');
$node->safe_psql('postgres', 'CREATE EXTENSION vero_events');
is($node->safe_psql('postgres', q{SELECT rows_imported FROM import_events_csv(E'email,name,time\na@b.example,x,2022-01-01\n'::bytea)}), 1, 'it imports');
my ($version) = $control =~ /^default_version = '(.*)'/m;
is($node->safe_psql('postgres', q{SELECT module_name, version FROM pg_get_loaded_modules() WHERE file_name = 'vero_events.so'}), "vero_events|$version",
	'the library says its name and version');
my $mapped = slurp_file('/proc/' . slurp_file($node->data_dir . '/postmaster.pid') =~ s/\n.*//sr . '/maps');
my %mapped = map { $_ => 1 } $mapped =~ m{(/\S*/vero_events\.so)$}mg;
is(join(' ', keys %mapped), "$library/vero_events.so", 'the library is its own');

$node->stop;
done_testing();
