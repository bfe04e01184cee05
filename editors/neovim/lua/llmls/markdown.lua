--- A line of Markdown as highlighted chunks, for virtual lines, which treesitter
--- does not reach.
local M = {}

---@type { pattern: string, marks: integer, group: string }[] how many marks are on either side
local kinds = {
  { pattern = '^`([^`]+)`', marks = 1, group = 'LlmlsCode' },
  { pattern = '^%*%*([^*%s][^*]*)%*%*', marks = 2, group = 'LlmlsStrong' },
  { pattern = '^%*([^*%s][^*]*)%*', marks = 1, group = 'LlmlsEmphasis' },
}

--- What begins at a place, without its marks, and where it ends.
---@param text string
---@param at integer
---@return llmls.Chunk?
---@return integer? behind
local function span(text, at)
  for _, kind in ipairs(kinds) do
    local inner = text:match(kind.pattern, at)
    if inner and not (kind.group ~= 'LlmlsCode' and inner:find('%s$')) then
      return { inner, kind.group }, at + #inner + 2 * kind.marks
    end
  end
end

--- `code`, **strong**, *emphasis* and the text between them.
---@param text string
---@param group string
---@return llmls.Chunk[]
local function spans(text, group)
  local chunks, plain, at = {}, 1, 1
  while true do
    local mark = text:find('[`*]', at)
    if not mark then
      break
    end
    local chunk, behind = span(text, mark)
    if chunk then
      table.insert(chunks, mark > plain and { text:sub(plain, mark - 1), group } or nil)
      table.insert(chunks, chunk)
      plain, at = behind, behind
    else
      at = select(2, text:find('^[`*]+', mark)) + 1
    end
  end
  table.insert(chunks, plain <= #text and { text:sub(plain), group } or nil)
  return chunks
end

--- Whether a line is a fence, and the fence that is open behind it (CommonMark
--- 4.5).
---@param line string
---@param open? string the fence that is open before it
---@return boolean fence
---@return string? open
function M.fence(line, open)
  local marks, info = line:match('^%s*(```+)(.*)')
  if not marks then
    marks, info = line:match('^%s*(~~~+)(.*)')
  end
  if not marks then
    return false, open
  elseif not open then
    local code = vim.startswith(marks, '`') and info:find('`', 1, true)
    return not code, not code and marks or nil
  elseif vim.startswith(marks, open) and not info:find('%S') then
    return true, nil
  end
  return false, open
end

--- Breaks modelines in a question or a file name with a backslash. The server has
--- done so in answers.
---@param text string
---@return string
function M.inert(text)
  for pattern, broken in pairs({
    ['%-%*%f[-]'] = '-*\\',
    ['([Ll][Oo][Cc][Aa][Ll] [Vv][Aa][Rr]..?[Aa][Bb][Ll][Ee][Ss]):'] = '%1\\:',
    ['(%f[%S]vim?[<=>]?%d*):'] = '%1\\:',
    ['(%f[%S]ex):'] = '%1\\:',
    ['(%f[%S]Vim[<=>]?%d*:[ \t]*se)t'] = '%1\\t',
    ['kate:'] = 'kate\\:',
    ['(kate%-%l+)%('] = '%1\\(',
  }) do
    text = text:gsub(pattern, broken)
  end
  return text
end

--- A name that Markdown would take for a link, emphasis or HTML, as code, so that
--- it is shown as it is.
---@param name string
---@return string
function M.verbatim(name)
  if not name:find('[%[%]<>*&~`\\]') and not name:find('%f[%w_]_') then
    return name
  end
  local marks = '`'
  while name:find(marks, 1, true) do
    marks = marks .. '`'
  end
  local gap = #marks > 1 and ' ' or ''
  return marks .. gap .. name .. gap .. marks
end

---@class llmls.MarkdownState
---@field fence? string the fence that is open

--- The chunks of the next line. nil for a fence, which is not shown.
---@param line string
---@param state llmls.MarkdownState
---@return llmls.Chunk[]?
function M.line(line, state)
  local fence, open = M.fence(line, state.fence)
  state.fence = open
  if fence then
    return nil
  elseif open then
    return { { line, 'LlmlsCode' } }
  end
  local heading = line:match('^#+%s+(.*)')
  if heading then
    return { { heading, 'LlmlsStrong' } }
  end
  local indent, rest = line:match('^(%s*)[-*+]%s+(.*)')
  if indent then
    return vim.list_extend({ { indent .. '• ', 'LlmlsInline' } }, spans(rest, 'LlmlsInline'))
  end
  return spans(line, 'LlmlsInline')
end

return M
