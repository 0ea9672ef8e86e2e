namespace Tributary.Functions.CommandLine;

/// <summary>An error that the user can mend; the message says how and is all that is shown.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>A command line or setting that is wrong.</summary>
    public static CommandException Usage(string message) => new(message, CommandLine.ExitCode.Usage);
}
