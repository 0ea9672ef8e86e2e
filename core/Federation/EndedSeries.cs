using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Finds the series that ended, where a pull does not bring the source's staleness markers.</summary>
/// <param name="requests">Asks the API.</param>
internal sealed class EndedSeries(PullRequests requests)
{
    /// <summary>So many metric names are asked for by name.</summary>
    private const int MaxNames = 20;

    /// <summary>The markers of series that are known, had no sample in a pull, and are not there any more.</summary>
    /// <param name="asked">The source.</param>
    /// <param name="state">Its state.</param>
    /// <param name="samples">What was pulled.</param>
    /// <param name="times">The end of the pull and the tick, milliseconds since the epoch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The markers, and how many bytes were read for them.</returns>
    public async Task<(IReadOnlyList<SeriesEnd> Ends, long Bytes)> FindAsync(
        AskedSource asked,
        SourceState state,
        SampleColumns samples,
        (long EndMs, long TickMs) times,
        CancellationToken cancellationToken
    )
    {
        var body = state.Pulled;
        var silent = new List<(LabelSet Series, long LastMs, long SpacingMs)>();
        foreach (var (series, lastMs) in state.MissingIn(asked.Target, samples.Series, times.TickMs))
        {
            var spacing = body.SpacingOf(series);
            // Nothing was to be expected of those whose next sample is not due.
            if (times.EndMs - lastMs > spacing + (spacing / 2))
            {
                silent.Add((series, lastMs, spacing));
            }
        }
        if (silent.Count == 0)
        {
            return ([], 0);
        }
        var seen = new HashSet<LabelSet>();
        long bytes;
        try
        {
            bytes = await requests.SightAsync(
                Narrow(asked, silent.Select(one => one.Series.MetricName)),
                body,
                seen,
                times.EndMs,
                cancellationToken
            );
        }
        catch (SourceApiException)
        {
            // They are missing in the next pull, too, and asked for again.
            return ([], 0);
        }
        var ends = new List<SeriesEnd>();
        foreach (var (series, lastMs, spacing) in silent.Where(one => !seen.Contains(one.Series)))
        {
            var atMs = spacing > 0 ? lastMs + spacing : times.EndMs;
            atMs = Math.Max(Math.Min(atMs, times.EndMs), lastMs + 1);
            ends.Add(new SeriesEnd(series, atMs, state.IsHistogram(series)));
        }
        return (ends, bytes);
    }

    /// <summary>Asks for few metrics only, where their names are those of the source.</summary>
    private static AskedSource Narrow(AskedSource asked, IEnumerable<string> names)
    {
        var distinct = names.Distinct(StringComparer.Ordinal).Take(MaxNames + 1).ToList();
        if (asked.Target.Config.MetricRelabelConfigs.Count > 0 || distinct.Count > MaxNames)
        {
            return asked;
        }
        var pattern = string.Join('|', distinct.Order(StringComparer.Ordinal).Select(PatternText.Quote));
        var named = new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Regex, pattern);
        return asked with
        {
            Selectors = asked.Selectors with
            {
                Selectors = [.. asked.Selectors.Selectors.Select(one => new VectorSelector([.. one.Matchers, named]))],
            },
        };
    }
}
