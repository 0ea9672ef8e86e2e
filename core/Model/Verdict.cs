namespace Tributary.Model;

/// <summary>How a scrape ended; a smaller number is a better verdict. The numbers are stored in the log.</summary>
public enum Verdict : byte
{
    /// <summary>The body ended properly and parsed.</summary>
    Complete = 0,

    /// <summary>The body ended, but looks cut: the last series of the last complete body, or most series, are missing.</summary>
    Suspect = 1,

    /// <summary>The transfer broke or timed out inside the body; what came before is kept.</summary>
    Partial = 2,

    /// <summary>No usable answer, a breached limit or a parse error; nothing of the body is kept.</summary>
    Failed = 3,
}
