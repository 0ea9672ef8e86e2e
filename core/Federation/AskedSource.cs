using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Federation;

/// <summary>A source that is pulled, and how it is asked.</summary>
/// <param name="Target">The target.</param>
/// <param name="Selectors">Where its API is, and what is asked for.</param>
/// <param name="Guard">What protects it.</param>
/// <param name="Mode">The way.</param>
/// <param name="ExternalLabels">The labels that it adds to what it federates; null when they are not known.</param>
internal sealed record AskedSource(
    Target Target,
    PullSelectors Selectors,
    PullGuard Guard,
    PullMode Mode,
    LabelSet? ExternalLabels
);
