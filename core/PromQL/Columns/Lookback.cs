using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>Where and how far back an instant selector looks.</summary>
/// <param name="Lookups">The moments at which it looks, one per step: <c>offset</c> and <c>@</c> are applied.</param>
/// <param name="LookbackMs">How old the sample may be: younger than this.</param>
/// <param name="Part">What it yields.</param>
internal readonly record struct Lookback(StepGrid Lookups, long LookbackMs, SelectedPart Part);

/// <summary>What a selector yields of the sample that it finds.</summary>
internal enum SelectedPart
{
    /// <summary>Its value.</summary>
    Value,

    /// <summary>When it was taken, in seconds: <c>timestamp()</c>.</summary>
    Timestamp,

    /// <summary>When counting began, in seconds: <c>start_timestamp()</c>.</summary>
    StartTimestamp,

    /// <summary>When it was taken, in seconds; a histogram is an error: <c>info()</c>.</summary>
    InfoTime,
}
