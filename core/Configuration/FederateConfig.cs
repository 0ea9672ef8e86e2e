namespace Tributary.Configuration;

/// <summary>How we answer <c>/federate</c>.</summary>
/// <param name="Metadata">Whether the answer has the true <c># TYPE</c> and <c># HELP</c>, not <c>untyped</c> as Prometheus'.</param>
public sealed record FederateConfig(bool Metadata = false);
