(defvar llmls-project nil "The project that llmls was started in.")

(defun llmls ()
  "Start llmls here. Eglot runs one server for a buffer: this asks before it stops another."
  (interactive)
  (require 'eglot)
  (when-let* ((server (eglot-current-server)))
    (unless (yes-or-no-p "Eglot runs one server for a buffer. Stop the one that runs here? ")
      (user-error "It goes on; M-x llmls starts llmls in its place"))
    (eglot-shutdown server))
  (setq llmls-project (or (project-current) (cons 'transient (expand-file-name default-directory))))
  (let ((eglot-server-programs `(((,major-mode text-mode) "llmls"))))
    (call-interactively #'eglot)))

(defun llmls-ask (question)
  "Ask llmls QUESTION about the region, or the line."
  (interactive "sAsk llmls: ")
  ;; A question is about the place of the last code actions.
  (eglot-code-actions (if (use-region-p) (region-beginning) (pos-bol))
                      (if (use-region-p) (region-end) (pos-eol)))
  (eglot-execute (eglot-current-server)
                 `(:command "llmls.ask" :arguments [,question])))

;; The file of the answers belongs to the same server, so that it can be asked on.
(add-to-list 'auto-mode-alist '("/llmls/answers/[^/]+\\.md\\'" . text-mode) t)
(add-hook 'project-find-functions
          (lambda (dir) (and (string-match-p "/llmls/answers/" dir) llmls-project)))
;; It is saved when you leave, without a question.
(add-hook 'find-file-hook
          (lambda () (when (string-match-p "/llmls/answers/" buffer-file-name)
                       (setq-local buffer-save-without-query t))))
;; It is shown again if the minibuffer, which restores the windows it found, hid it.
(add-hook 'minibuffer-exit-hook
          (lambda ()
            (dolist (window (window-list))
              (let ((buffer (window-buffer window)))
                (when (string-match-p "/llmls/answers/" (or (buffer-file-name buffer) ""))
                  (run-at-time 0 nil #'display-buffer buffer))))))
