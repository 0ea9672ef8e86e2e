using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The comparison of a reader's answers with the log.</summary>
internal sealed partial class LogOracle
{
    public static readonly TimeRange Ever = new(0, long.MaxValue);
    public static readonly VectorSelector[] All = [new VectorSelector([])];

    /// <summary>A batch that was acknowledged is there, bit for bit.</summary>
    public void RequireAcknowledged(string who, AppendedBatch appended)
    {
        var batch = appended.Batch;
        var found = Batches.FirstOrDefault(one =>
            one.Identity == (batch.Source, batch.TickMs) && one.Home.File == appended.Home
        );
        var what = $"{who}'s {batch.Source} tick {batch.TickMs} in {appended.Home}";
        Require(found is not null && found.Home.Offset >= appended.OffsetBytes, $"lost: {what}");
        Require(found!.Home.Report == batch.Report, $"lost: {what} has another report");
        Require(
            SameBits(found.Samples.Where(sample => !sample.Added), batch.Scraped)
                && SameBits(found.Samples.Where(sample => sample.Added), batch.Added),
            $"lost: {what} has other samples"
        );
    }

    /// <summary>Every batch has the parts that its report names, and no file two parts of one identity.</summary>
    public void RequireWhole()
    {
        foreach (var batch in Batches)
        {
            Require(
                batch.Parts.Count == 1 + batch.Home.Others.Count,
                $"torn: {batch} names {batch.Home.Others.Count} parts, and has {batch.Parts.Count - 1}"
            );
        }
        foreach (var twice in parts.GroupBy(part => (part.File, part.Source, part.TickMs)))
        {
            Require(
                twice.Count() == 1,
                $"mixed: {twice.Key.File} has {twice.Key.Source} tick {twice.Key.TickMs} twice"
            );
        }
    }

    /// <summary>Compares what a reader of the log answers.</summary>
    public void Compare(string who, RecentLog log) => Compare(who, log.Select(All, Ever), log.SelectLatest(All, Ever));

    /// <summary>Compares all series and the latest sample of each.</summary>
    public void Compare(string who, IReadOnlyList<SelectedSeries> selected, IReadOnlyList<LatestSample> latest)
    {
        Require(
            selected.Count == Samples.Count,
            $"differs: {who} has {selected.Count} series, the log {Samples.Count}"
                + $", with {Samples.Keys.FirstOrDefault(one => !selected.Any(series => series.Labels.Equals(one)))}"
        );
        var ends = latest.ToDictionary(sample => sample.Labels);
        foreach (var series in selected)
        {
            Require(Samples.TryGetValue(series.Labels, out var wanted), $"differs: {who} has {series.Labels}");
            Require(
                series.Samples.Count == wanted!.Count,
                $"differs: {who} has {series.Samples.Count} samples of {series.Labels}, the log {wanted.Count}"
            );
            for (var i = 0; i < wanted.Count; i++)
            {
                var (found, at, value) = (series.Samples[i], wanted.GetKeyAtIndex(i), wanted.GetValueAtIndex(i));
                Require(
                    found.TimestampMs == at && Same(found.Value, value),
                    $"differs: {who} has {series.Labels} {found}, the log {value} at {at}"
                );
            }
            var last = wanted.GetValueAtIndex(wanted.Count - 1);
            Require(
                StaleMarker.IsStale(last)
                    ? !ends.ContainsKey(series.Labels)
                    : ends.TryGetValue(series.Labels, out var end)
                        && end.TimestampMs == wanted.GetKeyAtIndex(wanted.Count - 1)
                        && Same(end.Value, last),
                $"differs: {who} has another latest sample of {series.Labels} than {last}"
            );
        }
    }

    private static bool Same(double left, double right) =>
        BitConverter.DoubleToInt64Bits(left) == BitConverter.DoubleToInt64Bits(right);

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidOperationException(violation);
        }
    }

    private static bool SameBits(IEnumerable<OracleSample> found, SampleColumns wanted)
    {
        // Parts come window by window; inside one series the order of times stays.
        var left = found.Select(s => (s.Series, s.TimestampMs, Bits: BitConverter.DoubleToInt64Bits(s.Value)));
        var right = Enumerable
            .Range(0, wanted.Count)
            .Select(i =>
                (
                    Series: wanted.Series[i],
                    TimestampMs: wanted.TimestampsMs.Span[i],
                    Bits: BitConverter.DoubleToInt64Bits(wanted.Values.Span[i])
                )
            );
        return left.OrderBy(Key).SequenceEqual(right.OrderBy(Key));

        static (int, long, long) Key((LabelSet Series, long TimestampMs, long Bits) sample) =>
            (sample.Series.GetHashCode(), sample.TimestampMs, sample.Bits);
    }
}
