using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>
/// Types, help texts and units of federated series, which <c>/federate</c> does not have: from the source's API, once an
/// hour. Whatever goes wrong with that is noted in the source's memory, and changes nothing else.
/// </summary>
/// <param name="scraper">Has the clients and the clock.</param>
internal sealed class MetadataCollector(Scraper scraper)
{
    private const string Path = "/api/v1/metadata";

    /// <summary>After the first failure; each further one doubles it, up to <see cref="Every"/>.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>What a scrape left of its timeout is taken, within these.</summary>
    private static readonly (TimeSpan Shortest, TimeSpan Longest) Patience = (
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(10)
    );

    /// <summary>The ends of names of series that are not in their family's name.</summary>
    private static readonly string[] Suffixes = ["_bucket", "_count", "_sum", "_total", "_info", "_created"];

    private readonly SourceInquiry inquiry = new(scraper);

    /// <summary>Adds metadata to what was collected, when it is time for it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Collected> AddAsync(SourceTurn turn, Collected collected, CancellationToken cancellationToken)
    {
        var memory = collected.Memory;
        var nowMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (
            !turn.Target.IsFederate
            || turn.Target.Problem is not null
            || collected.Batch.Report.Verdict is Verdict.Failed
            || nowMs < memory.MetadataMs + (long)PauseAfter(memory).TotalMilliseconds
        )
        {
            return collected;
        }
        var problem = "";
        var batch = collected.Batch;
        try
        {
            var wanted = FamiliesOf(batch.Scraped.Series);
            var found = await FetchAsync(turn.Target, batch.Report, wanted.Contains, cancellationToken);
            if (turn.State.Tell(found) is { } unsent)
            {
                batch = batch with { Metadata = Merge(batch.Metadata, unsent) };
            }
            else
            {
                problem = "there is no memory for it";
            }
        }
        catch (SourceApiException exception)
        {
            problem = exception.Message;
        }
        return collected with
        {
            Batch = batch,
            Memory = memory with
            {
                MetadataMs = nowMs,
                MetadataError = problem,
                MetadataFailures = problem.Length == 0 ? 0 : memory.MetadataFailures + 1,
            },
        };
    }

    /// <summary>The names that families may have to which series belong.</summary>
    internal static HashSet<string> FamiliesOf(SeriesList series)
    {
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var labels in series.Span)
        {
            var name = labels.MetricName;
            if (!families.Add(name))
            {
                continue;
            }
            foreach (var suffix in Suffixes)
            {
                if (name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal))
                {
                    families.Add(name[..^suffix.Length]);
                }
            }
        }
        return families;
    }

    private static TimeSpan PauseAfter(SourceMemory memory)
    {
        const int MostDoublings = 8;
        var pause = FirstPause * Math.Pow(2, Math.Min(memory.MetadataFailures, MostDoublings) - 1);
        return memory.MetadataFailures == 0 || pause > Every ? Every : pause;
    }

    private static IReadOnlyList<MetricMetadata> Merge(
        IReadOnlyList<MetricMetadata> before,
        IReadOnlyList<MetricMetadata> later
    )
    {
        var families = new OrderedDictionary<string, MetricMetadata>(StringComparer.Ordinal);
        foreach (var item in before.Concat(later))
        {
            families[item.Family] = item;
        }
        return [.. families.Values];
    }

    private Task<IReadOnlyList<MetricMetadata>> FetchAsync(
        Target target,
        ScrapeReport report,
        Func<string, bool> isWanted,
        CancellationToken cancellationToken
    )
    {
        var left = target.Timeout - TimeSpan.FromSeconds(report.DurationSeconds);
        var patience =
            left < Patience.Shortest ? Patience.Shortest
            : left > Patience.Longest ? Patience.Longest
            : left;
        var reader = new MetadataReader(isWanted);
        return inquiry.GetAsync(target, Path, "limit_per_metric=1", patience, reader.ReadAsync, cancellationToken);
    }
}
