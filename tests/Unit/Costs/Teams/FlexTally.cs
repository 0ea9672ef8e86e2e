using Tributary.Costs;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>What the instances of one scale group did in a day: those of a timer function, or of all HTTP functions.</summary>
internal sealed class FlexTally
{
    /// <summary>What the product did to the stores.</summary>
    public OperationCounts Product { get; set; }

    /// <summary>What the host did beside it.</summary>
    public StoreOperations Host { get; } = new();

    public long Invocations { get; set; }

    /// <summary>Instances that were started.</summary>
    public int Starts { get; set; }

    /// <summary>Billed time of invocations.</summary>
    public long BilledMs { get; set; }

    /// <summary>The time for which an instance was kept ready.</summary>
    public long ReadyMs { get; set; }

    public long LogBytes { get; set; }

    public long BytesSent { get; set; }

    /// <summary>The requests of single invocations, the last ones of a steady time.</summary>
    public List<OperationCounts> Last { get; } = [];

    /// <summary>What is billed of it.</summary>
    public Usage Usage(int instanceMb) =>
        new()
        {
            Operations = Product + OperationCounts.Of(Host),
            Invocations = Invocations,
            OnDemandMbMs = ReadyMs > 0 ? 0 : BilledMs * instanceMb,
            AlwaysReadyMbMs = ReadyMs > 0 ? BilledMs * instanceMb : 0,
            BaselineMbMs = ReadyMs * instanceMb,
            LogBytes = LogBytes,
            BytesSent = BytesSent,
        };
}
