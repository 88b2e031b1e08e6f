// COPY from Java with JDBC's CopyManager: a good file, one that fails as a whole, an abort in the middle.

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

public final class CopyEvents {
	private static final String COPY = "COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)";
	private static Path directory;
	private static int failed = 0;

	private static void check(String what, boolean isRight, Object found) {
		System.out.println(isRight ? "ok: jdbc: " + what : "FAILED: jdbc: " + what + " " + found);
		if (!isRight) failed++;
	}

	/** Sends a file as it is and returns how many events it gave. */
	private static long send(Connection connection, String name) throws SQLException, IOException {
		CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
		try (InputStream file = Files.newInputStream(directory.resolve(name))) {
			return copy.copyIn(COPY, file);
		}
	}

	private static long number(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(query)) {
			result.next();
			return result.getLong(1);
		}
	}

	private static long events(Connection connection) throws SQLException {
		return number(connection, "SELECT count(*) FROM vero.timeline");
	}

	public static void main(String[] arguments) throws SQLException, IOException {
		directory = Path.of(arguments[0]);
		String url = "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
		try (Connection connection = DriverManager.getConnection(url, System.getenv("PGUSER"), "")) {
			CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();

			long before = events(connection);
			long sent = send(connection, "good.csv");
			check("a good file", sent == 40000, sent);
			check("its events are there", events(connection) == before + 40000, events(connection));

			long importId = number(connection, "SELECT max(id) FROM vero.imports");
			ByteArrayOutputStream rejects = new ByteArrayOutputStream();
			copy.copyOut("COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import " + importId + ")", rejects);
			check("its rejects come back as they were",
				Arrays.equals(rejects.toByteArray(), Files.readAllBytes(directory.resolve("rejects.csv"))), rejects.size());

			before = events(connection);
			try {
				send(connection, "bad.csv");
				check("a file that fails as a whole raises an error", false, "");
			} catch (SQLException error) {
				check("a file that fails as a whole raises an error",
					"22P04".equals(error.getSQLState()) && error.getMessage().contains("the file has no email column"), error);
			}
			check("which leaves nothing", events(connection) == before, events(connection));

			// a stream that breaks: CopyManager cancels the COPY
			try (InputStream file = new FilterInputStream(Files.newInputStream(directory.resolve("good.csv"))) {
					private int total = 0;

					@Override
					public int read(byte[] bytes, int offset, int size) throws IOException {
						if (total > 1_000_000) throw new IOException("the disk is broken");
						int count = super.read(bytes, offset, size);
						total += count;
						return count;
					}
				}) {
				copy.copyIn(COPY, file);
				check("an exception in the middle is an error", false, "");
			} catch (IOException error) {
				check("an exception in the middle is an error", "the disk is broken".equals(error.getMessage()), error);
			}
			check("which leaves nothing", events(connection) == before, events(connection));

			// by hand, and given up
			CopyIn byHand = copy.copyIn(COPY);
			byte[] bytes = Files.readAllBytes(directory.resolve("good.csv"));
			byHand.writeToCopy(bytes, 0, 1_500_000);
			byHand.flushCopy();
			byHand.cancelCopy();
			check("cancelCopy() leaves nothing", events(connection) == before, events(connection));
			check("the connection is usable", number(connection, "SELECT 1") == 1, "");

			connection.setAutoCommit(false);
			sent = send(connection, "good.csv");
			check("in a transaction", sent == 40000, sent);
			connection.rollback();
			connection.setAutoCommit(true);
			check("that is rolled back", events(connection) == before, events(connection));
			sent = send(connection, "good.csv");
			check("a good file again", sent == 40000, sent);
		}
		System.exit(failed > 0 ? 1 : 0);
	}
}
