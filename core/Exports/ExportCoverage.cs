using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Exports;

/// <summary>How much of what a run exports has been collected: the sources that it touches, and what is missing of them.</summary>
/// <param name="Sources">How far each is, at the most up to the end of the run.</param>
/// <param name="Gaps">What is missing, by source and time.</param>
/// <param name="NotListed">Sources and gaps beyond the limits.</param>
internal sealed record ExportCoverage(
    IReadOnlyList<ExportedSource> Sources,
    IReadOnlyList<ExportGap> Gaps,
    long NotListed
)
{
    /// <summary>So many sources and gaps are named.</summary>
    private const int MaxListed = 1000;

    /// <summary>Nothing is known to be missing.</summary>
    public bool IsComplete => Gaps.Count == 0;

    /// <summary>Whether something that is missing may still come.</summary>
    public bool IsOpen => Gaps.Any(gap => gap.IsOpen);

    /// <summary>A short text that is the same for the same gaps.</summary>
    public string Key
    {
        get
        {
            var text = string.Concat(
                Gaps.Select(gap =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{gap.Source}\n{gap.FromMs}\n{gap.ToMs}\n{gap.IsOpen}\n"
                    )
                )
            );
            return text.Length == 0
                ? ""
                : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        }
    }

    /// <summary>The coverage of a run, by what is known now.</summary>
    /// <param name="config">The export.</param>
    /// <param name="range">What it exports; the query may look further back.</param>
    /// <param name="sources">The sources.</param>
    /// <param name="lookback">How far back a sample counts.</param>
    /// <param name="behind">Why a source is behind, if it does not say so itself.</param>
    public static ExportCoverage Of(
        ExportConfig config,
        TimeRange range,
        IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)> sources,
        TimeSpan lookback,
        string behind
    )
    {
        var seen = config.Query.Length > 0 ? config.LookBack + lookback : TimeSpan.Zero;
        var fromMs = range.MinMs - (long)seen.TotalMilliseconds;
        var reached = new List<ExportedSource>();
        var gaps = new List<ExportGap>();
        foreach (
            var (memory, known) in sources
                .Where(source => IsTouched(config, source.Memory))
                .OrderBy(source => source.Memory.Source, StringComparer.Ordinal)
        )
        {
            var missing = known
                .All.Where(gap => gap.State is not GapState.Filled && gap.FromMs < range.MaxMs && gap.ToMs >= fromMs)
                .Select(gap => new ExportGap(
                    memory.Source,
                    Math.Max(gap.FromMs, fromMs - 1),
                    Math.Min(gap.ToMs, range.MaxMs),
                    gap.State is GapState.Open,
                    gap.Reason
                ))
                .ToList();
            // A source that left the configuration has no more to give.
            if (!memory.IsEnded && memory.CompleteUntilMs < range.MaxMs)
            {
                var reason = memory.LastError.Length > 0 ? memory.LastError : behind;
                missing.Add(
                    new ExportGap(
                        memory.Source,
                        Math.Max(memory.CompleteUntilMs, fromMs - 1),
                        range.MaxMs,
                        IsOpen: true,
                        reason
                    )
                );
            }
            reached.Add(
                new ExportedSource(
                    memory.Source,
                    Math.Min(
                        memory.IsEnded && known.OldestOpenMs is null
                            ? range.MaxMs
                            : SourceLedger.Watermark(memory, known),
                        range.MaxMs
                    )
                )
            );
            gaps.AddRange(missing);
        }
        return new ExportCoverage(
            [.. reached.Take(MaxListed)],
            [.. gaps.Take(MaxListed)],
            Math.Max(0, reached.Count - MaxListed) + Math.Max(0, gaps.Count - MaxListed)
        );
    }

    /// <summary>A source of which nothing was ever stored has no constant labels: it touches everything, if it is still asked.</summary>
    private static bool IsTouched(ExportConfig config, SourceMemory source) =>
        !(source.CompleteUntilMs == 0 && source.IsEnded)
        && config.Selectors.Any(selector => Completeness.Touches(selector.Matchers, source));
}
