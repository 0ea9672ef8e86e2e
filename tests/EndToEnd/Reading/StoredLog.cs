using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;

namespace Tributary.Tests.EndToEnd.Reading;

/// <summary>What the log of a store holds.</summary>
/// <param name="Samples">What readers see: each series' samples by time, staleness markers included.</param>
/// <param name="Batches">The batches as they lie in the files, each for itself, in the order of ticks.</param>
internal sealed record StoredLog(
    IReadOnlyDictionary<(LabelSet Series, long TimestampMs), double> Samples,
    IReadOnlyList<StoredBatch> Batches
)
{
    /// <summary>Reads the whole log of a storage setting.</summary>
    public static async Task<StoredLog> ReadAsync(string storage)
    {
        var blobs = Open(storage);
        var token = TestContext.Current.CancellationToken;
        var recent = new RecentLog(blobs, new SeriesTable(), writer: null, TimeProvider.System);
        await recent.LoadAsync(onBatch: null, token);
        recent.LoadHistory();
        var samples = new Dictionary<(LabelSet, long), double>();
        var everything = SelectorParser.Parse("{__name__=~\".+\"}");
        foreach (var series in recent.Select([everything], new TimeRange(0, long.MaxValue)))
        {
            foreach (var sample in series.Samples)
            {
                samples.Add((series.Labels, sample.TimestampMs), sample.Value);
            }
        }
        Assert.Empty(recent.Problems);
        return new StoredLog(samples, await ReadBatchesAsync(blobs, token));
    }

    /// <summary>The blobs of a storage setting.</summary>
    public static IBlobStore Open(string storage) =>
        StorageSetting.Parse(storage) switch
        {
            LocalFolder folder => new LocalBlobStore(folder.Path, TimeProvider.System),
            var account => new AzureBlobStore(AzureAccount.FromSetting(account), TimeProvider.System),
        };

    /// <summary>The samples of a metric, without staleness markers.</summary>
    public IEnumerable<((LabelSet Series, long TimestampMs) Key, double Value)> Of(string metric) =>
        Samples
            .Where(sample =>
                string.Equals(sample.Key.Series.MetricName, metric, StringComparison.Ordinal)
                && !StaleMarker.IsStale(sample.Value)
            )
            .Select(sample => (sample.Key, sample.Value));

    private static async Task<IReadOnlyList<StoredBatch>> ReadBatchesAsync(IBlobStore blobs, CancellationToken token)
    {
        var batches = new List<StoredBatch>();
        await foreach (var info in blobs.ListAsync(LogFileName.Prefix, token))
        {
            Assert.True(LogFileName.TryParse(info.Name, out var name));
            var bytes = new byte[info.LengthBytes];
            var read = await blobs.ReadAsync(info.Name, 0, bytes, ifMatch: null, token);
            var decoder = new LogDecoder(name, new SeriesTable());
            var parts = new List<LogPart>();
            decoder.Scan(bytes.AsMemory(0, read), parts);
            var states = new SlotMap<ColumnState>();
            batches.AddRange(parts.Select(part => StoredBatch.Of(part, decoder, states)).ToList());
        }
        return [.. batches.OrderBy(batch => batch.TickMs)];
    }
}

/// <summary>A part of a batch as it lies in a file.</summary>
internal sealed record StoredBatch(string Source, long TickMs, ScrapeReport? Report)
{
    /// <summary>The samples of the body.</summary>
    public required IReadOnlyList<(LabelSet Series, Sample Sample)> Scraped { get; init; }

    /// <summary>Report series and staleness markers.</summary>
    public required IReadOnlyList<(LabelSet Series, Sample Sample)> Added { get; init; }

    /// <summary>The series that it marks stale.</summary>
    public IEnumerable<LabelSet> Ended =>
        Added.Where(added => StaleMarker.IsStale(added.Sample.Value)).Select(added => added.Series);

    public static StoredBatch Of(LogPart part, LogDecoder decoder, SlotMap<ColumnState> states)
    {
        var scraped = new List<(LabelSet, Sample)>();
        var added = new List<(LabelSet, Sample)>();
        foreach (var column in part.Columns)
        {
            var columns = decoder.Decode(column, states);
            var to = column.Added ? added : scraped;
            for (var i = 0; i < columns.Count; i++)
            {
                to.Add((columns.Series[i], new Sample(columns.TimestampsMs.Span[i], columns.Values.Span[i])));
            }
        }
        return new StoredBatch(part.Source, part.TickMs, part.Report) { Scraped = scraped, Added = added };
    }
}
