using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>What several trees of verbs do with commands.</summary>
internal static class CommandSymbols
{
    /// <summary>Adds options and arguments, each where it belongs.</summary>
    public static void Add(this Command command, IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
            {
                command.Options.Add(option);
            }
            else
            {
                command.Arguments.Add((Argument)symbol);
            }
        }
    }
}
