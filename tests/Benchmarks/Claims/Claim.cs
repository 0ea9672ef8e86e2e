namespace Tributary.Benchmarks.Claims;

/// <summary>One claim about how fast or how small we are, and how it is measured.</summary>
internal abstract class Claim(string name)
{
    /// <summary>In the order of the results.</summary>
    public static IReadOnlyList<Claim> All { get; } =
    [
        new ParseDroppedClaim(),
        new ParseStoredClaim(),
        new ParseOpenMetricsClaim(),
        new RelabelClaim(),
        new CollectClaim(),
        new MemoryClaim(),
        new FederateAllClaim(),
        new FederateGzipClaim(),
        new FederateJobsClaim(),
        new ColdStartClaim(),
        new ColdClaim(),
        new DecodeClaim(),
        new LookUpClaim(),
        new QueryClaim(),
        new LogBytesClaim(),
        new StoreOperationsClaim(),
        new PullsClaim(),
        new BackfillClaim(),
        new ReceiveClaim(),
    ];

    /// <summary>What it is called on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>Measures what is not measured yet and judges it.</summary>
    public abstract Task<IReadOnlyList<ClaimRow>> RunAsync(BenchmarkRun run);

    /// <summary>The problems of both sides and what else is to be said, in one line.</summary>
    protected static string Notes(params string?[] notes) =>
        string.Join("; ", notes.Where(n => !string.IsNullOrEmpty(n)).Distinct(StringComparer.Ordinal));
}
