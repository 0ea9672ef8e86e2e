using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>What a month costs in which everything goes on as it was measured: the whole, its jobs, its sources.</summary>
/// <remarks>
/// Jobs together are the whole. Sources have, beside their own, a share by the bytes that they wrote to the log: of what
/// <c>collect</c> and <c>backfill</c> do for all, of <c>compact</c>, and of the data that lies in the store. Queries, rules,
/// exports and the like belong to no source.
/// </remarks>
public sealed record CostReport
{
    /// <summary>What lies in the store belongs to this job.</summary>
    public const string StorageJob = "storage";

    private const double MsPerDay = 24 * 3600 * 1000;

    /// <summary>A shorter time tells nothing, and would make huge numbers.</summary>
    private const double LeastDays = 1.0 / (24 * 60);

    private static readonly string[] SharedJobs =
    [
        Payer.Collect.Job,
        Payer.Backfill.Job,
        Payer.Compact.Job,
        StorageJob,
    ];

    /// <summary>How long was measured, in days.</summary>
    public required double Days { get; init; }

    /// <summary>The prices.</summary>
    public required PriceTable Prices { get; init; }

    /// <summary>The whole.</summary>
    public required CostEstimate Total { get; init; }

    /// <summary>All that was used.</summary>
    public required Usage Usage { get; init; }

    /// <summary>The jobs, the dearest first.</summary>
    public required IReadOnlyList<JobCost> Jobs { get; init; }

    /// <summary>The sources, the dearest first.</summary>
    public required IReadOnlyList<SourceCost> Sources { get; init; }

    /// <summary>The report of what was measured.</summary>
    /// <param name="totals">What was used, by payer.</param>
    /// <param name="days">In how many days.</param>
    /// <param name="intervals">The intervals of sources.</param>
    /// <param name="storedBytes">What lies in the store now.</param>
    /// <param name="settings">Prices, and what is always ready.</param>
    public static CostReport Of(
        IReadOnlyDictionary<Payer, Usage> totals,
        double days,
        IReadOnlyDictionary<string, TimeSpan> intervals,
        long storedBytes,
        CostSettings settings
    )
    {
        days = Math.Max(days, LeastDays);
        var all = new Dictionary<Payer, Usage>(totals);
        Add(new Payer(StorageJob), new Usage { StoredBytes = storedBytes });
        foreach (var (job, instances) in settings.AlwaysReady)
        {
            var baseline = (long)(days * MsPerDay) * settings.InstanceMemoryMb * instances;
            Add(new Payer(job), new Usage { BaselineMbMs = baseline });
        }
        var usage = Usage.Sum(all.Values);
        var total = CostEstimate.Of(usage, settings.Prices, days);
        return new CostReport
        {
            Days = days,
            Prices = settings.Prices,
            Total = total,
            Usage = usage,
            Jobs =
            [
                .. all.GroupBy(pair => pair.Key.Job, StringComparer.Ordinal)
                    .Select(job =>
                    {
                        var used = Usage.Sum(job.Select(pair => pair.Value));
                        return new JobCost(job.Key, used, Part(used));
                    })
                    .OrderByDescending(job => job.Estimate.Amount)
                    .ThenBy(job => job.Job, StringComparer.Ordinal),
            ],
            Sources =
            [
                .. SourcesOf(all)
                    .Select(source => new SourceCost(
                        source.Source,
                        source.Own,
                        source.Usage,
                        intervals.TryGetValue(source.Source, out var interval) ? interval : null,
                        Part(source.Usage)
                    ))
                    .OrderByDescending(source => source.Estimate.Amount)
                    .ThenBy(source => source.Source, StringComparer.Ordinal),
            ],
        };

        CostEstimate Part(Usage part) => CostEstimate.Of(part, settings.Prices, days, total);

        void Add(Payer payer, Usage more) => all[payer] = all.TryGetValue(payer, out var before) ? before + more : more;
    }

    private static List<(string Source, Usage Own, Usage Usage)> SourcesOf(Dictionary<Payer, Usage> all)
    {
        var own = all.Where(pair => pair.Key.Source is not null)
            .GroupBy(pair => pair.Key.Source!, StringComparer.Ordinal)
            .OrderBy(source => source.Key, StringComparer.Ordinal)
            .Select(source => (Source: source.Key, Usage: Usage.Sum(source.Select(pair => pair.Value))))
            .ToList();
        if (own.Count == 0)
        {
            return [];
        }
        var shared = Usage.Sum(
            all.Where(pair => pair.Key.Source is null && SharedJobs.Contains(pair.Key.Job)).Select(pair => pair.Value)
        );
        var shares = Payers.Of([.. own.Select(one => (new Payer("", one.Source), one.Usage.BytesWritten))]);
        return
        [
            .. own.Select(
                (one, i) => (one.Source, one.Usage, one.Usage + shared.Map(amount => shares.ShareOf(i, amount)))
            ),
        ];
    }
}
