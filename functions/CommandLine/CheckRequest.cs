namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary check config</c> is asked for.</summary>
/// <param name="Files">The files; none is the one of the settings.</param>
/// <param name="IsAgent">Whether they are checked as for Prometheus' agent mode.</param>
/// <param name="IsLive">Whether their sources are asked.</param>
/// <param name="IsFunctionApp">Whether they are checked as for a function app, where nobody may read without credentials.</param>
internal sealed record CheckRequest(IReadOnlyList<string> Files, bool IsAgent, bool IsLive, bool IsFunctionApp = false);
