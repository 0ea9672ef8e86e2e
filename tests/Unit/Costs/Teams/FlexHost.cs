using Tributary.Stores;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>What the Functions host itself does to the storage account, and what it logs; docs/cost.md has the sources.</summary>
internal static class FlexHost
{
    /// <summary>The host that is the primary one of the app renews its lease three seconds before its 15 are over.</summary>
    public static readonly TimeSpan PrimaryRenewal = TimeSpan.FromSeconds(12);

    /// <summary>Every other host tries to become it: a request that is billed, too.</summary>
    public static readonly TimeSpan PrimaryTry = TimeSpan.FromSeconds(5);

    /// <summary>The lock of a timer: half of <c>singleton.listenerLockPeriod</c> of our host.json.</summary>
    public static readonly TimeSpan ListenerRenewal = TimeSpan.FromSeconds(15);

    /// <summary>Where a timer is monitored, so once a minute at most, its status is written after each invocation.</summary>
    public static readonly TimeSpan MonitoredFrom = TimeSpan.FromMinutes(1);

    /// <summary>An instance that nobody called for so long is taken away.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    /// <summary>An instance that is called all the time is replaced after so long: the platform promises nothing.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    /// <summary>The start of an instance: package, keys, host id, statuses and locks of timers.</summary>
    public const int StartReads = 12;

    /// <inheritdoc cref="StartReads"/>
    public const int StartWrites = 3;

    /// <inheritdoc cref="StartReads"/>
    public const int StartLists = 2;

    /// <summary>How much longer the first invocation of an instance takes, as one user of custom handlers reports.</summary>
    public static readonly TimeSpan ColdStart = TimeSpan.FromSeconds(3.6);

    /// <summary>A record of Application Insights on the bill: a request, or a line with its columns.</summary>
    public const int RecordBytes = 1_000;

    /// <summary>Counts operations that the simulated store has not seen.</summary>
    public static void Count(StoreOperations operations, OperationClass operation, double times)
    {
        for (var i = 0; i < times; i++)
        {
            operations.Count(operation);
        }
    }
}
