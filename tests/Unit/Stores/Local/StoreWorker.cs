using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>
/// The second process of tests: this assembly, started with <see cref="Variable"/> set, works on a folder instead of running
/// tests.
/// </summary>
/// <remarks>
/// It runs inside the module's initializer, so no code of this assembly may run on another thread: it waits for each
/// operation.
/// </remarks>
internal static class StoreWorker
{
    public const string Blob = "log/shared/numbers.log";
    public const string WholeBlob = "state/whole.bin";
    public const string Table = "counters";
    private const string Variable = "TRIBUTARY_TEST_WORKER";

    /// <summary>Starts the process. Jobs: <c>race</c> (first number, count) and <c>endless</c>.</summary>
    public static Process Start(string folder, string job, int first = 0, int count = 0)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(StoreWorker).Assembly.Location);
        start.Environment[Variable] = $"{job}|{folder}|{first}|{count}";
        return Process.Start(start) ?? throw new InvalidOperationException("no process");
    }

    /// <summary>A record of the endless job: length, number, and filling that follows from the number.</summary>
    public static byte[] Record(int number)
    {
        var record = new byte[8 + (number * 7919 % 150_000)];
        record.AsSpan(8).Fill((byte)number);
        BinaryPrimitives.WriteInt32BigEndian(record, record.Length);
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(4), number);
        return record;
    }

#pragma warning disable CA2255 // This is an executable: its own module's initializer is the only way in before the runner.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var job, var folder, var first, var count])
        {
            return;
        }
        var blobs = new LocalBlobStore(folder, TimeProvider.System);
        var tables = new LocalTableStore(folder, TimeProvider.System);
        if (job == "race")
        {
            // All begin together, when the test has seen that each is there.
            Say("ready", 0);
            Console.In.ReadLine();
            Race(blobs, tables, int.Parse(first, null), int.Parse(count, null));
        }
        else
        {
            Endless(blobs, tables);
        }
        Environment.Exit(0);
    }

    private static void Race(LocalBlobStore blobs, LocalTableStore tables, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            var record = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(record, number);
            Until(() =>
                Wait(blobs.AppendAsync(Blob, Wait(blobs.GetInfoAsync(Blob, default))!.LengthBytes, record, default))
            );
            Until(() =>
            {
                var row = Wait(tables.GetAsync(Table, "p", "counter", default));
                var next = Properties((long)row!.Properties["n"] + 1);
                var write = new TableWrite(TableAction.Replace, "counter", next, row.ETag);
                tables.CommitAsync(Table, "p", [write], default).GetAwaiter().GetResult();
                return 0;
            });
        }
    }

    /// <summary>Writes the next number into a log, three rows and a whole blob, and says so after each.</summary>
    private static void Endless(LocalBlobStore blobs, LocalTableStore tables)
    {
        var length = Wait(blobs.GetInfoAsync(Blob, default))?.LengthBytes ?? -1;
        if (length < 0)
        {
            blobs.CreateAppendAsync(Blob, default).GetAwaiter().GetResult();
            length = 0;
        }
        var number = 0;
        for (var position = 0L; position < length; number++)
        {
            position += Record(number).Length;
        }
        for (; ; number++)
        {
            length = Wait(blobs.AppendAsync(Blob, length, Record(number), default));
            Say("append", number);
            var rows = new[] { "a", "b", "c" }.Select(row => new TableWrite(
                TableAction.Replace,
                row,
                Properties(number)
            ));
            tables.CommitAsync(Table, "p", [.. rows], default).GetAwaiter().GetResult();
            Say("commit", number);
            Wait(blobs.WriteAsync(WholeBlob, Record(number), WriteCondition.None, default));
            Say("write", number);
        }
    }

    private static void Say(string what, int number)
    {
        Console.Out.Write($"{what} {number}\n");
        Console.Out.Flush();
    }

    private static Dictionary<string, object> Properties(long number) => new() { ["n"] = number };

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Until<T>(Func<T> operation)
    {
        while (true)
        {
            try
            {
                operation();
                return;
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Another process was first: look again.
            }
        }
    }
}
