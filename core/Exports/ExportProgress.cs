namespace Tributary.Exports;

/// <summary>How far a run is.</summary>
/// <param name="Phase">What it does.</param>
/// <param name="Done">Of <paramref name="All"/>, so much is done: milliseconds of the range, or samples.</param>
/// <param name="All">How much there is; 0 when nobody knows.</param>
/// <param name="Samples">Samples so far.</param>
public readonly record struct ExportProgress(ExportPhase Phase, long Done, long All, long Samples);

/// <summary>What a run does.</summary>
public enum ExportPhase
{
    /// <summary>It reads samples, or evaluates.</summary>
    Reading,

    /// <summary>It writes rows.</summary>
    Writing,

    /// <summary>It brings what was written to where it goes.</summary>
    Sending,
}
