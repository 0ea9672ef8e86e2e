namespace Tributary.PromQL.Functions;

/// <summary>An argument that a function does not take: the query ends with upstream's text as an execution error.</summary>
internal sealed class FunctionException(string message) : Exception(message);
