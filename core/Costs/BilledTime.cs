namespace Tributary.Costs;

/// <summary>How long an instance of a function app counts as busy on the bill.</summary>
/// <remarks>
/// Flex Consumption bills the time in which an instance runs at least one function, once for all that run at the same
/// time; a period has at least 1,000 ms and is rounded up to 100 ms
/// (https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#billing).
/// </remarks>
public static class BilledTime
{
    /// <summary>The shortest period on the bill, in ms.</summary>
    public const long MinimumMs = 1000;

    private const long StepMs = 100;

    /// <summary>The milliseconds that a period of activity is billed as.</summary>
    public static long Of(TimeSpan activity)
    {
        var ms = (long)Math.Ceiling(activity.TotalMilliseconds);
        return Math.Max(MinimumMs, (ms + StepMs - 1) / StepMs * StepMs);
    }
}
