namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary doctor</c> is asked for.</summary>
/// <param name="Skipped">The checks that are left out.</param>
/// <param name="Timeout">How long all checks together may take.</param>
/// <param name="IsJson">Whether the answer is to be JSON.</param>
internal sealed record DoctorRequest(IReadOnlySet<string> Skipped, TimeSpan Timeout, bool IsJson = false)
{
    /// <summary>The most that one check may take of the time.</summary>
    private static readonly TimeSpan MostOfACheck = TimeSpan.FromSeconds(30);

    /// <summary>How long all checks take at most, unless said.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How long one check may take: less than all, so that one that hangs leaves time for the others.</summary>
    public TimeSpan CheckTimeout => Timeout / 2 < MostOfACheck ? Timeout / 2 : MostOfACheck;

    /// <summary>Where the app settings of a function app are, as <c>az</c> prints them; null for this process' environment alone.</summary>
    public string? AppSettings { get; init; }

    /// <summary>The request of somebody who says nothing.</summary>
    public static DoctorRequest Default { get; } = new(new HashSet<string>(StringComparer.Ordinal), DefaultTimeout);
}
