namespace Tributary.Templates;

/// <summary>The kinds of pieces of a template; those from <see cref="Block"/> on are keywords.</summary>
internal enum TokenKind
{
    /// <summary>What is no template; the text says why.</summary>
    Error,

    /// <summary>Nothing more.</summary>
    End,

    /// <summary>Text outside of actions.</summary>
    Text,

    /// <summary><c>{{</c>.</summary>
    LeftDelimiter,

    /// <summary><c>}}</c>.</summary>
    RightDelimiter,

    /// <summary>White space in an action, which separates arguments.</summary>
    Space,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary><c>'a'</c>.</summary>
    Character,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string in double quotes or back quotes.</summary>
    String,

    /// <summary>A name.</summary>
    Identifier,

    /// <summary><c>.name</c>.</summary>
    Field,

    /// <summary><c>$name</c>, or <c>$</c>.</summary>
    Variable,

    /// <summary><c>=</c>.</summary>
    Assign,

    /// <summary><c>:=</c>.</summary>
    Declare,

    /// <summary><c>|</c>.</summary>
    Pipe,

    /// <summary><c>(</c>.</summary>
    LeftParenthesis,

    /// <summary><c>)</c>.</summary>
    RightParenthesis,

    /// <summary>Any other character.</summary>
    Other,

    /// <summary><c>block</c>.</summary>
    Block,

    /// <summary><c>break</c>.</summary>
    Break,

    /// <summary><c>continue</c>.</summary>
    Continue,

    /// <summary><c>define</c>.</summary>
    Define,

    /// <summary><c>else</c>.</summary>
    Else,

    /// <summary><c>end</c>.</summary>
    EndKeyword,

    /// <summary><c>if</c>.</summary>
    If,

    /// <summary><c>range</c>.</summary>
    Range,

    /// <summary><c>template</c>.</summary>
    Template,

    /// <summary><c>with</c>.</summary>
    With,

    /// <summary><c>.</c>.</summary>
    Dot,

    /// <summary><c>nil</c>.</summary>
    Nil,
}
