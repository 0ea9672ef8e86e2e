using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.Rules;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Exports;

/// <summary>A store, a clock that the test moves, one source, and any number of processes that export.</summary>
internal sealed class ExportPlace : IDisposable
{
    /// <summary>A whole hour: exports every hour are due now.</summary>
    public const long HourMs = 1_700_002_800_000;

    public const long MinuteMs = 60_000;

    private readonly TestFolder folder = new();
    private readonly List<IDisposable> open = [];
    private readonly LogWriter writer;
    private int ulids;

    public ExportPlace(long nowMs = HourMs)
    {
        Time = new ManualTime(nowMs);
        var storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
        Tables = storage.ImmediateTables();
        writer = new LogWriter(Blobs, Time, NewUlid);
        Memory = new SourceMemory("job/a/0") { CompleteUntilMs = nowMs };
        Gaps = new SourceGaps("job/a/0");
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ManualTime Time { get; }

    public ScriptedBlobs Blobs { get; }

    public ITableStore Tables { get; }

    /// <summary>What is known of the source.</summary>
    public SourceMemory Memory { get; set; }

    public SourceGaps Gaps { get; set; }

    /// <summary>What is known of rule groups.</summary>
    public IReadOnlyList<RuleGroupStatus> Groups { get; set; } = [];

    /// <summary>A folder of the test's own.</summary>
    public string Folder => folder.Path;

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers web servers.</summary>
    public HttpMessageInvoker Client { get; set; } = new(new HttpClientHandler());

    /// <summary>An export as a configuration has it: fields of one entry, with a name.</summary>
    public static ExportConfig Config(string fields, string name = "e") =>
        ConfigReader
            .Read(
                $"tributary:\n  exports:\n  - name: {name}\n{string.Join('\n', fields.Split('\n').Select(line => "    " + line))}\n",
                "tributary.yml"
            )
            .Exports.Single();

    /// <summary>A process of its own over the same store.</summary>
    public ExportJob Job(params ExportConfig[] exports)
    {
        var store = new StoreReader(
            Blobs,
            Tables,
            null,
            new StoreReaderOptions { CacheBytes = 1 << 22 },
            Time,
            NewUlid
        );
        var engine = new QueryEngine(
            new StoreSource(store),
            new EngineOptions { Parallelism = 1 },
            TimeProvider.System
        );
        open.Add(engine);
        open.Add(store);
        return new ExportJob(
            new Exporter(store, () => engine, Path.Combine(Folder, "temporary")),
            new ExportTargets(Blobs, ClientOf, Path.Combine(Folder, "temporary"), Time, NewUlid),
            Tables,
            () => [(Memory, Gaps)],
            Time,
            NewUlid
        )
        {
            Exports = exports,
            Pending = new RuleCoverage(() => Groups, () => new RulesConfig(), TickSchedule.Aligned, Time).Missing,
        };

        HttpMessageInvoker ClientOf(HttpClientConfig config) => Client;
    }

    /// <summary>One pass of a process.</summary>
    public Task<ExportPass> PassAsync(params ExportConfig[] exports) =>
        Job(exports).RunDueAsync(TimeSpan.FromHours(1), Token);

    /// <summary>Samples of the source.</summary>
    public Task AppendAsync(params (LabelSet Series, long TimestampMs, double Value)[] samples) =>
        AppendAsync(
            LogBatches.Of("job/a/0", samples[0].TimestampMs, LogBatches.Columns(samples), LogBatches.Columns())
        );

    public Task AppendAsync(Batch batch) => writer.AppendAsync([batch], Token);

    /// <summary>A sample a minute of two series up to a time, whose values count.</summary>
    public async Task FillAsync(long fromMs, long toMs)
    {
        for (var atMs = fromMs; atMs <= toMs; atMs += MinuteMs)
        {
            var value = atMs / MinuteMs % 100;
            await AppendAsync(
                (LabelSet.Of("__name__", "m", "cluster", "dev"), atMs, value),
                (LabelSet.Of("__name__", "m", "cluster", "prod"), atMs, value * 2)
            );
        }
    }

    /// <summary>A blob's content; null when there is none.</summary>
    public async Task<byte[]?> ReadAsync(string name)
    {
        if (await Blobs.GetInfoAsync(name, Token) is not { } info)
        {
            return null;
        }
        var bytes = new byte[info.LengthBytes];
        await Blobs.ReadAsync(name, 0, bytes, null, Token);
        return bytes;
    }

    public async Task<string> TextAsync(string name) =>
        Encoding.UTF8.GetString(await ReadAsync(name) ?? throw new InvalidOperationException($"there is no {name}"));

    public static string Unzip(byte[] bytes)
    {
        using var zipped = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(zipped, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The names of blobs.</summary>
    public async Task<List<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var info in Blobs.ListAsync(prefix, Token))
        {
            names.Add(info.Name);
        }
        return names;
    }

    public static string Iso(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        open.ForEach(one => one.Dispose());
        Client.Dispose();
        folder.Dispose();
    }

    private Ulid NewUlid()
    {
        var number = Interlocked.Increment(ref ulids);
        return Ulid.Create(HourMs + number, [0, 0, 0, 0, 0, 0, 0, 0, (byte)(number >> 8), (byte)number]);
    }
}
