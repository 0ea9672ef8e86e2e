using Tributary.Configuration.Advice;

namespace Tributary.Configuration.Yaml;

/// <summary>One thing that is wrong with a configuration file.</summary>
/// <param name="File">The file, as it was named to us.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
/// <param name="Message">What is wrong, of what, and what to do; without secrets.</param>
public sealed record ConfigError(string File, int Line, int Column, string Message)
{
    /// <summary>What newcomers have to know of it; null where the message says all.</summary>
    public Explanation? Explanation { get; init; }

    /// <summary><c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}
