namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary check rules</c> is asked for.</summary>
/// <param name="Files">The files, or <c>blob:NAME</c>; none is those of the configuration.</param>
/// <param name="IgnoresUnknownFields">Whether fields that are not known are passed over.</param>
internal sealed record CheckRulesRequest(IReadOnlyList<string> Files, bool IgnoresUnknownFields);
