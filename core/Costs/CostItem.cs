namespace Tributary.Costs;

/// <summary>The lines of a bill.</summary>
public enum CostItem
{
    /// <summary>Writes of blobs.</summary>
    BlobWrites,

    /// <summary>Lists of blobs; creations of containers and tables.</summary>
    BlobLists,

    /// <summary>Reads of blobs.</summary>
    BlobReads,

    /// <summary>Leases of blobs.</summary>
    BlobOthers,

    /// <summary>Reads and writes of tables.</summary>
    TableOperations,

    /// <summary>GB × months in blobs.</summary>
    BlobStorage,

    /// <summary>GB × months in tables.</summary>
    TableStorage,

    /// <summary>Invocations.</summary>
    Executions,

    /// <summary>GB × s of instances on demand.</summary>
    OnDemand,

    /// <summary>GB × s of invocations on instances that are always ready.</summary>
    AlwaysReady,

    /// <summary>GB × s of instances that are kept ready.</summary>
    Baseline,

    /// <summary>GB sent out of the region.</summary>
    Egress,

    /// <summary>GB of logs.</summary>
    Logs,
}
