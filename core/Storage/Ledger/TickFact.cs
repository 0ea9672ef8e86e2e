using Tributary.Model;

namespace Tributary.Storage.Ledger;

/// <summary>What became of one tick of a source, as its batch in the log says.</summary>
/// <param name="TickMs">The tick, milliseconds since the epoch.</param>
/// <param name="Verdict">How the collect ended.</param>
/// <param name="IntervalMs">The time in which the next tick can be expected.</param>
internal readonly record struct TickFact(long TickMs, Verdict Verdict, long IntervalMs)
{
    /// <summary>A busy machine is late by a few ticks of a second each: shorter intervals count as so long.</summary>
    private const long ShortestMs = 10_000;

    /// <summary>Its error, without secrets.</summary>
    public string Error { get; init; } = "";

    /// <summary>The ticks right before it that have no batch.</summary>
    public MissedTicks? Missed { get; init; }

    /// <summary>Why nothing that is missing can be fetched later; empty when it can.</summary>
    public string Unfillable { get; init; } = "";

    /// <summary>What a source remembers behind the tick, and the gap before it, if it ends one.</summary>
    /// <remarks>
    /// A gap lies between two complete collects that are further from each other than one and a half intervals. The time
    /// before the first complete one is none, and neither is the one in which a source was not configured.
    /// </remarks>
    public (SourceMemory Memory, SourceGap? Gap) Applied(SourceMemory memory)
    {
        if (TickMs <= memory.LastTickMs)
        {
            return (memory, null);
        }
        var next = Passed(memory);
        if (Verdict is not Verdict.Complete)
        {
            return (next, null);
        }
        next = next with { CompleteUntilMs = Math.Max(TickMs, memory.CompleteUntilMs) };
        return memory.CompleteUntilMs == 0 || memory.IsEnded || !IsGap(memory.CompleteUntilMs, TickMs, IntervalMs)
            ? (next, null)
            : (
                next,
                SourceGap.Of(
                    new FoundGap(memory.CompleteUntilMs, TickMs, ReasonAfter(memory)) { Unfillable = Unfillable }
                )
            );
    }

    /// <summary>What a source remembers behind a tick that does not say how far it is.</summary>
    public SourceMemory Passed(SourceMemory memory) =>
        TickMs <= memory.LastTickMs
            ? memory
            : memory with
            {
                LastTickMs = TickMs,
                LastVerdict = Verdict,
                LastError = Error,
                IntervalMs = IntervalMs,
            };

    /// <summary>Whether two complete collects are so far from each other that something is missing between them.</summary>
    public static bool IsGap(long fromMs, long toMs, long intervalMs) =>
        2 * (toMs - fromMs) > 3 * Math.Max(intervalMs, ShortestMs);

    private string ReasonAfter(SourceMemory memory)
    {
        if (memory.LastTickMs <= memory.CompleteUntilMs)
        {
            return Missed?.Why ?? "nobody collected then";
        }
        var failed = memory.LastError.Length == 0 ? "what was collected then was not whole" : memory.LastError;
        return Missed is { } missed ? $"{failed}; then: {missed.Why}" : failed;
    }
}
