using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Federation;

/// <summary>A replica that was asked at a tick.</summary>
/// <param name="Target">The replica.</param>
/// <param name="Report">What became of it; its samples are stored only if it is the one that was taken.</param>
public sealed record AskedReplica(Target Target, ScrapeReport Report)
{
    /// <summary>Whether it is well, but has not scraped yet what is stored of the other.</summary>
    public bool IsBehind { get; init; }
}
