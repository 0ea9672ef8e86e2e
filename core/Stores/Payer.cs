namespace Tributary.Stores;

/// <summary>For whom something is done that is billed: a job, and where it is one, a source.</summary>
/// <param name="Job">The job, one of the names below.</param>
/// <param name="Source">The source's key; null for what the job does for all.</param>
public sealed record Payer(string Job, string? Source = null)
{
    /// <summary>What stands for the sources of a job above those that are counted apart.</summary>
    public const string OtherSources = "(others)";

    private const string CollectJob = "collect";
    private const string BackfillJob = "backfill";

    /// <summary>Nobody said for whom.</summary>
    public static readonly Payer Other = new("other");

    /// <summary>Scraping, and putting it into the log.</summary>
    public static readonly Payer Collect = new(CollectJob);

    /// <summary>Filling gaps.</summary>
    public static readonly Payer Backfill = new(BackfillJob);

    /// <summary>Evaluating rules, sending alerts.</summary>
    public static readonly Payer Evaluate = new("evaluate");

    /// <summary>Making blocks, deleting what is too old.</summary>
    public static readonly Payer Compact = new("compact");

    /// <summary>Writing files for others.</summary>
    public static readonly Payer Export = new("export");

    /// <summary>Passing samples on.</summary>
    public static readonly Payer RemoteWrite = new("remote_write");

    /// <summary>Storing what others write.</summary>
    public static readonly Payer Receive = new("receive");

    /// <summary>Answering requests.</summary>
    public static readonly Payer Query = new("query");

    /// <summary>Reading what a process begins with: the configuration, the log.</summary>
    public static readonly Payer Start = new("start");

    /// <summary>Keeping the ledger of costs.</summary>
    public static readonly Payer Costs = new("costs");

    /// <summary>Whether what it writes for sources is theirs to pay.</summary>
    public bool IsBySource => Job is CollectJob or BackfillJob;

    /// <summary>Who pays for what is written of a source.</summary>
    public Payer For(string source) => IsBySource ? new Payer(Job, source) : this;
}
