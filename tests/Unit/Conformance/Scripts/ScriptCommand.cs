namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>A command of a PromQL test script.</summary>
internal abstract record ScriptCommand;

/// <summary>The command <c>clear</c>.</summary>
internal sealed record ScriptClear : ScriptCommand;
