namespace Tributary.Federation;

/// <summary>How much pulls ask for, keep and wait.</summary>
internal static class PullLimits
{
    /// <summary>The most time that a live pull reaches back: what is older is a gap, for the backfill.</summary>
    public const long MaxLiveMs = 10 * 60 * 1000;

    /// <summary>No request asks for less time.</summary>
    public const long MinSliceMs = 1000;

    /// <summary>The most time that one request asks for.</summary>
    public const long MaxSliceMs = 60 * 60 * 1000;

    /// <summary>About so many samples are asked for by one request.</summary>
    public const int SliceSamples = 500_000;

    /// <summary>A live pull ends behind the request with which it has so many samples.</summary>
    public const int BatchSamples = 1_000_000;

    /// <summary>More samples in one pull are an error: the source has many more than it had the last time.</summary>
    public const int MostSamples = 3_000_000;

    /// <summary>How long behind its newest sample a source may append, when it does not say how long its scrapes may last.</summary>
    public const long DefaultOverlapMs = 30 * 1000;

    /// <summary>The least and the most of that.</summary>
    public const long MinOverlapMs = 10 * 1000;

    /// <summary>The most of that.</summary>
    public const long MaxOverlapMs = 2 * 60 * 1000;

    /// <summary>A cursor stays no further behind the end of what was asked for, when the source had nothing new.</summary>
    public const long MaxSilenceMs = 5 * 60 * 1000;

    /// <summary>A way that works is compared with <c>/federate</c> again after so long.</summary>
    public const long VerifyEveryMs = 4 * 60 * 60 * 1000;

    /// <summary>A way that does not work is tried again after so long, when the job wants it and no other.</summary>
    public const long RetryRefusedMs = 5 * 60 * 1000;

    /// <summary>Ways that do not work are tried again after so long, when the job takes any.</summary>
    public const long RetryAutoMs = 60 * 60 * 1000;

    /// <summary>After so many failed pulls in a row the way is looked for anew.</summary>
    public const int MaxFailures = 3;

    /// <summary>Requests of one pull that may time out, or be too much for the source.</summary>
    public const int MaxSmaller = 3;

    /// <summary>A backfill leaves the source alone for so many times as long as its last answer took.</summary>
    public const int RestFactor = 2;

    /// <summary>How long a source is left alone that wants it without saying how long.</summary>
    public const long DefaultRetryMs = 15 * 1000;

    /// <summary>The longest that a source is left alone.</summary>
    public const long MaxRetryMs = 10 * 60 * 1000;

    /// <summary>Errors are cut: sources write parts of them.</summary>
    public const int MaxErrorChars = 1000;
}
