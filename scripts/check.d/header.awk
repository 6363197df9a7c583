# Public headers are the manual: each run of prototypes (up to a blank line) holds or follows a comment.
# The comment at the top of the file does not count for those.
# Arguments: public headers. Prints "file:line: rule: message".

function end_block()
{
    if (name != "" && !documented && !after_comment)
        print path ":" at ": document: no comment explains " name
    if (lines)
        after_comment = documented && only_comment && !divider && ++blocks > 1
    name = ""
    lines = documented = divider = 0
    only_comment = 1
}

FNR == 1 {
    end_block()
    path = FILENAME
    in_comment = after_comment = blocks = 0
}

/^[ \t]*$/ && !in_comment {
    end_block()
    next
}

{
    lines++
    was_comment = in_comment
    if (index($0, "/*")) {
        documented = 1
        in_comment = 1
    }
    if (index($0, "//"))
        documented = 1
    if ($0 ~ /---------/)
        divider = 1
    if (in_comment && index($0, "*/"))
        in_comment = 0
    if (!was_comment && $0 !~ /^[ \t]*\/[*\/]/) {
        only_comment = 0
        if (name == "" && $0 ~ /^[A-Za-z_]/ && $0 !~ /^typedef/ && match($0, /tw_[a-z0-9_]+\(/)) {
            name = substr($0, RSTART, RLENGTH - 1)
            at = FNR
        }
    }
}

END {
    end_block()
}
