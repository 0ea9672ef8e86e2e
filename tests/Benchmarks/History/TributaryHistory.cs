using System.Text;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Benchmarks.History;

/// <summary>Writes history as log files of ours, in process, through the writer that production uses.</summary>
internal static class TributaryHistory
{
    private const string Source = "bench/source/0";

    /// <summary>Whether <c>WriteAsync</c> is joined to the log's writer.</summary>
    public static bool IsJoined => true;

    /// <summary>Fills the folder that `--storage local:FOLDER` will name, one append a step, as collecting would have.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="past">The samples.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static Task WriteAsync(string folder, PastSamples past, CancellationToken cancellation) =>
        WriteAsync(HistoryStore.Of(folder).Blobs, past, stepsAtOnce: 1, cancellation);

    /// <summary>Fills a store, one batch a step.</summary>
    /// <param name="blobs">An empty store.</param>
    /// <param name="past">The samples.</param>
    /// <param name="stepsAtOnce">How many batches go into one append.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task WriteAsync(
        IBlobStore blobs,
        PastSamples past,
        int stepsAtOnce,
        CancellationToken cancellation
    )
    {
        var writer = new LogWriter(blobs, TimeProvider.System, () => Ulid.New(TimeProvider.System, Random.Shared));
        var count = past.Workload.Count;
        var series = new SeriesList([.. Enumerable.Range(0, count).Select(i => Labels(past.Workload.Prefix(i)))]);
        var up = new SeriesList([LabelSet.Of("__name__", "up", "job", "bench")]);
        var timestamps = new long[count];
        var values = new double[count];
        var waiting = new List<Batch>();
        for (var step = past.FirstStep; step < past.FirstStep + past.Steps; step++)
        {
            for (var i = 0; i < count; i++)
            {
                // Where the source missed a scrape, its /federate shows the sample before once more.
                if (past.Has(i, step) || timestamps[i] == 0)
                {
                    timestamps[i] = past.Timestamp(i, step);
                    values[i] = past.Workload.Value(i, step);
                }
            }
            var tickMs = (step + 1) * past.StepMs;
            var batch = new Batch
            {
                Source = Source,
                TickMs = tickMs,
                Report = new ScrapeReport
                {
                    Verdict = Verdict.Complete,
                    StartedMs = tickMs,
                    Scraped = count,
                },
                Scraped = new SampleColumns(series, timestamps.ToArray(), values.ToArray()),
                Added = new SampleColumns(up, new[] { tickMs }, new[] { 1.0 }),
            };
            waiting.Add(batch);
            if (waiting.Count >= stepsAtOnce || step == past.FirstStep + past.Steps - 1)
            {
                await writer.AppendAsync(waiting, cancellation);
                waiting = [];
            }
        }
    }

    /// <summary>The labels of <c>name{a="b",c="d"} </c>, sorted and without escapes, as the workload renders it.</summary>
    private static LabelSet Labels(ReadOnlySpan<byte> prefix)
    {
        var text = Encoding.UTF8.GetString(prefix).TrimEnd().TrimEnd('}');
        var brace = text.IndexOf('{', StringComparison.Ordinal);
        var labels = text[(brace + 1)..]
            .Split("\",", StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.TrimEnd('"').Split("=\"", 2))
            .Select(pair => new Label(pair[0], pair[1]));
        return LabelSet.Of([new Label(LabelSet.MetricNameLabel, text[..brace]), .. labels]);
    }
}
