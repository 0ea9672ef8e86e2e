namespace Tributary.Functions.CommandLine;

/// <summary>What the verbs of the command line do; each returns the exit code.</summary>
/// <param name="Serve"><c>tributary serve</c>.</param>
/// <param name="LogList"><c>tributary log ls</c>.</param>
/// <param name="LogVerify"><c>tributary log verify</c>.</param>
/// <param name="Blocks"><c>tributary blocks</c>, with what it is asked for.</param>
/// <param name="Query"><c>tributary query</c>, with what it is asked for.</param>
/// <param name="HashPassword"><c>tributary hash-password</c>.</param>
/// <param name="CheckConfig"><c>tributary check config</c>, with what it is asked for.</param>
/// <param name="CheckRules"><c>tributary check rules</c>, with what it is asked for.</param>
/// <param name="TestRules"><c>tributary test rules</c>, with what it is asked for.</param>
/// <param name="Promql"><c>tributary promql</c>, with what it is asked for.</param>
/// <param name="Source"><c>tributary source</c>, with what it is asked for.</param>
/// <param name="Gaps"><c>tributary gaps</c> and <c>tributary backfill</c>, with what is asked for.</param>
/// <param name="Export"><c>tributary export</c>, with what it is asked for.</param>
/// <param name="Cost"><c>tributary cost</c>, with what it is asked for.</param>
internal sealed record CommandVerbs(
    Func<CommandOptions, Task<int>> Serve,
    Func<CommandOptions, Task<int>> LogList,
    Func<CommandOptions, Task<int>> LogVerify,
    Func<CommandOptions, BlocksRequest, Task<int>> Blocks,
    Func<CommandOptions, QueryRequest, Task<int>> Query,
    Func<Task<int>> HashPassword,
    Func<CommandOptions, CheckRequest, Task<int>> CheckConfig,
    Func<CommandOptions, CheckRulesRequest, Task<int>> CheckRules,
    Func<TestRulesRequest, Task<int>> TestRules,
    Func<PromqlRequest, Task<int>> Promql,
    Func<CommandOptions, SourceRequest, Task<int>> Source,
    Func<CommandOptions, GapsRequest, Task<int>> Gaps,
    Func<CommandOptions, ExportRequest, Task<int>> Export,
    Func<CommandOptions, CostRequest, Task<int>> Cost
)
{
    public const string HashPasswordName = "hash-password";
}
